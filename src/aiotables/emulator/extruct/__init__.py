"""Extruct, emulated: tables whose cells fill themselves as the clock goes on."""
