/* Reads and writes models in C, where a compiler was there to build it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "aiotables.core._models",
    .m_doc = "Reads and writes models in C, where a compiler was there to build it.",
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__models(void)
{
    return PyModuleDef_Init(&module);
}
