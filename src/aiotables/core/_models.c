/*
 * Reads and writes the instances of one model, as its plan says: what `compiled.py` and `compiled_writers.py` do in Python.
 *
 * The plans are made, and their fields explained, in `read_plans.py` and `write_plans.py`. A value of another sort than the
 * plan says makes a reader raise, with no more said than that something is wrong; who called it finds out what.
 *
 * An object of these types holds its plan, which is a tuple and so never changes; what it has of the plan in its own fields is
 * borrowed from there.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

/* The same numbers as in `read_plans.py`. */
enum sort { ANY, CLASSES, TIME, FLAG, TABLE, TAGGED, CALL };

static PyObject *
refuse(void)
{
    PyErr_SetNone(PyExc_TypeError);
    return NULL;
}


/* Attributes */

/* An attribute of the instances of a class. */
typedef struct {
    PyObject *name;
    Py_ssize_t offset; /* of its slot in an instance, or 0 where it has none */
} attribute;

/* What `__slots__` makes of a name says where the attribute is: to go there directly takes a fifth of the time. */
static int
find_slot(attribute *found, PyObject *cls)
{
    PyObject *member = PyObject_GetAttr(cls, found->name);
    if (member == NULL) {
        /* An attribute that only instances have. */
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (Py_IS_TYPE(member, &PyMemberDescr_Type)) {
        PyMemberDescrObject *descriptor = (PyMemberDescrObject *)member;
        int is_slot = descriptor->d_member->type == T_OBJECT_EX && !(descriptor->d_member->flags & READONLY);
        if (is_slot && PyType_IsSubtype((PyTypeObject *)cls, PyDescr_TYPE(descriptor))) {
            found->offset = descriptor->d_member->offset;
        }
    }
    Py_DECREF(member);
    return 0;
}

static PyObject **
slot(const attribute *of, PyObject *model)
{
    return (PyObject **)((char *)model + of->offset);
}

/* Set an attribute to a new value, which is given up here. The model is an instance of the class of the slots. */
static int
set_new(PyObject *model, const attribute *to, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    if (to->offset) {
        PyObject *before = *slot(to, model);
        *slot(to, model) = value;
        Py_XDECREF(before);
        return 0;
    }
    int failed = PyObject_SetAttr(model, to->name, value);
    Py_DECREF(value);
    return failed;
}

static PyObject *
get(PyObject *model, const attribute *from)
{
    PyObject *value = from->offset ? *slot(from, model) : NULL;
    return value == NULL ? PyObject_GetAttr(model, from->name) : Py_NewRef(value);
}


/* What carries out a plan */

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *plan;
    PyObject *cls;
    attribute kept; /* the field for unknown keys; its name is None where there is none */
    Py_ssize_t count;
    void *fields;
} carrier;

/* Takes the plan of one field, where it is one. */
typedef int (*take_field)(void *field, PyObject *plan, PyObject *cls);

static int
take_fields(carrier *self, PyObject *fields, size_t size, take_field take)
{
    self->count = PyTuple_GET_SIZE(fields);
    self->fields = PyMem_Calloc((size_t)self->count + 1, size);
    if (self->fields == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t index = 0; index < self->count; index++) {
        PyObject *field = PyTuple_GET_ITEM(fields, index);
        if (!PyTuple_Check(field)) {
            PyErr_SetString(PyExc_TypeError, "the plan of a field is a tuple");
            return -1;
        }
        if (take((char *)self->fields + (size_t)index * size, field, self->cls) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
take_kept(carrier *self, PyObject *name)
{
    self->kept.name = name;
    if (name == Py_None) {
        return 0;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "%R is no name of a field", name);
        return -1;
    }
    return find_slot(&self->kept, self->cls);
}

/* There is no `tp_clear`, as tuples have none: the dicts and functions of a cycle break it. */
static int
carrier_traverse(carrier *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->plan);
    return 0;
}

static void
carrier_dealloc(carrier *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->plan);
    PyMem_Free(self->fields);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef carrier_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(carrier, vectorcall), READONLY, NULL},
    {NULL},
};

static PyObject *
called_with_one(PyObject *const *args, size_t nargsf, PyObject *names)
{
    if (PyVectorcall_NARGS(nargsf) == 1 && (names == NULL || PyTuple_GET_SIZE(names) == 0)) {
        return args[0];
    }
    PyErr_SetString(PyExc_TypeError, "there is one argument, by its place");
    return NULL;
}


/* Reading */

typedef struct {
    int sort;
    int nullable;
    int is_list;
    PyObject *detail; /* CLASSES: tuple of them; TIME: reads the usual form; TABLE: dict; TAGGED: dict of readers */
    PyObject *key;    /* TAGGED: of the tag */
    PyObject *read;   /* reads the unusual; None where that is refused */
} value_plan;

typedef struct {
    PyObject *key;
    attribute to;
    int required;
    PyObject *absent;
    int is_made; /* whether `absent` is to be called for each instance */
    value_plan value;
} read_field;

typedef struct {
    carrier base;
    PyObject *rest; /* gives the unknown keys of an object */
    PyObject *last_text;
    PyObject *last_time;
} reader;

static PyObject *read_model(reader *self, PyObject *value);

static PyObject *
call_reader(reader *self, PyObject *read, PyObject *value)
{
    if (Py_IS_TYPE(read, Py_TYPE(self))) {
        return read_model((reader *)read, value);
    }
    return read == Py_None ? refuse() : PyObject_CallOneArg(read, value);
}

/* Both services write times so: `2026-06-02T01:00:00Z`, with or without a fraction. Of what has these signs at these places and
   ends in Z, Python reads but one form that is no date-time: a point without digits. */
static int
is_usual_time(PyObject *text)
{
    if (!PyUnicode_IS_COMPACT_ASCII(text)) {
        return 0;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    const Py_UCS1 *sign = PyUnicode_1BYTE_DATA(text);
    return length >= 20 && sign[4] == '-' && sign[7] == '-' && sign[10] == 'T' && sign[13] == ':' && sign[16] == ':'
        && (sign[19] == 'Z' || (sign[19] == '.' && sign[length - 2] != '.')) && sign[length - 1] == 'Z';
}

/* What a reply tells of was mostly made in one moment, so the next text is often the same. */
static PyObject *
read_time(reader *self, const value_plan *plan, PyObject *value)
{
    if (!PyUnicode_CheckExact(value)) {
        return call_reader(self, plan->read, value);
    }
    if (self->last_text != NULL) {
        int differs = PyUnicode_Compare(value, self->last_text);
        if (differs == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (!differs) {
            return Py_NewRef(self->last_time);
        }
    }
    PyObject *time = PyObject_CallOneArg(is_usual_time(value) ? plan->detail : plan->read, value);
    if (time != NULL) {
        Py_XSETREF(self->last_text, Py_NewRef(value));
        Py_XSETREF(self->last_time, Py_NewRef(time));
    }
    return time;
}

static PyObject *
read_flag(reader *self, const value_plan *plan, PyObject *value)
{
    if (PyLong_CheckExact(value)) {
        int overflow;
        long number = PyLong_AsLongAndOverflow(value, &overflow);
        if (!overflow && (number == 0 || number == 1)) {
            return PyBool_FromLong(number);
        }
    }
    return call_reader(self, plan->read, value);
}

static PyObject *
read_by_table(reader *self, const value_plan *plan, PyObject *value)
{
    if (PyUnicode_CheckExact(value)) {
        PyObject *found = PyDict_GetItemWithError(plan->detail, value);
        if (found != NULL || PyErr_Occurred()) {
            return Py_XNewRef(found);
        }
    }
    return call_reader(self, plan->read, value);
}

static PyObject *
read_tagged(reader *self, const value_plan *plan, PyObject *value)
{
    if (PyDict_CheckExact(value)) {
        PyObject *tag = PyDict_GetItemWithError(value, plan->key);
        if (tag != NULL && PyUnicode_CheckExact(tag)) {
            PyObject *read = PyDict_GetItemWithError(plan->detail, tag);
            if (read != NULL) {
                return call_reader(self, read, value);
            }
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    return call_reader(self, plan->read, value);
}

static int
is_of(PyObject *classes, PyObject *value)
{
    for (Py_ssize_t index = 0; index < PyTuple_GET_SIZE(classes); index++) {
        if ((PyObject *)Py_TYPE(value) == PyTuple_GET_ITEM(classes, index)) {
            return 1;
        }
    }
    return 0;
}

static PyObject *
read_one(reader *self, const value_plan *plan, PyObject *value)
{
    switch (plan->sort) {
    case ANY:
        return Py_NewRef(value);
    case CLASSES:
        return is_of(plan->detail, value) ? Py_NewRef(value) : refuse();
    case TIME:
        return read_time(self, plan, value);
    case FLAG:
        return read_flag(self, plan, value);
    case TABLE:
        return read_by_table(self, plan, value);
    case TAGGED:
        return read_tagged(self, plan, value);
    default:
        return call_reader(self, plan->read, value);
    }
}

/* Functions of Python that are called on the way could change the list, so its length is looked at each time. */
static PyObject *
read_list(reader *self, const value_plan *plan, PyObject *list)
{
    if (!PyList_CheckExact(list)) {
        return refuse();
    }
    if (plan->sort == CLASSES) {
        for (Py_ssize_t index = 0; index < PyList_GET_SIZE(list); index++) {
            if (!is_of(plan->detail, PyList_GET_ITEM(list, index))) {
                return refuse();
            }
        }
        return Py_NewRef(list);
    }
    Py_ssize_t count = PyList_GET_SIZE(list);
    PyObject *items = PyList_New(count);
    for (Py_ssize_t index = 0; items != NULL && index < count; index++) {
        PyObject *read = NULL;
        if (index < PyList_GET_SIZE(list)) {
            PyObject *item = Py_NewRef(PyList_GET_ITEM(list, index));
            read = read_one(self, plan, item);
            Py_DECREF(item);
        }
        else {
            PyErr_SetString(PyExc_RuntimeError, "the list became shorter while it was read");
        }
        if (read == NULL) {
            Py_CLEAR(items);
            break;
        }
        PyList_SET_ITEM(items, index, read);
    }
    return items;
}

static PyObject *
read_value(reader *self, const value_plan *plan, PyObject *value)
{
    if (plan->nullable && value == Py_None) {
        return Py_NewRef(value);
    }
    return plan->is_list ? read_list(self, plan, value) : read_one(self, plan, value);
}

/* Set one field. Returns whether its key was there, or -1. */
static int
fill_field(reader *self, const read_field *field, PyObject *object, PyObject *model)
{
    PyObject *value = PyDict_GetItemWithError(object, field->key);
    if (value != NULL) {
        Py_INCREF(value);
        int failed = set_new(model, &field->to, read_value(self, &field->value, value));
        Py_DECREF(value);
        return failed ? -1 : 1;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    if (field->required) {
        refuse();
        return -1;
    }
    PyObject *absent = field->is_made ? PyObject_CallNoArgs(field->absent) : Py_NewRef(field->absent);
    return set_new(model, &field->to, absent);
}

static int
fill(reader *self, PyObject *object, PyObject *model)
{
    const read_field *fields = self->base.fields;
    Py_ssize_t found = 0;
    for (Py_ssize_t index = 0; index < self->base.count; index++) {
        int is_there = fill_field(self, &fields[index], object, model);
        if (is_there < 0) {
            return -1;
        }
        found += is_there;
    }
    if (self->base.kept.name == Py_None) {
        return 0;
    }
    /* To count is faster than to compare the keys, and most objects have none that is unknown. */
    int is_all = PyDict_GET_SIZE(object) == found;
    return set_new(model, &self->base.kept, is_all ? PyDict_New() : PyObject_CallOneArg(self->rest, object));
}

static PyObject *
read_model(reader *self, PyObject *value)
{
    if (!PyDict_CheckExact(value)) {
        return refuse();
    }
    if (Py_EnterRecursiveCall(" while reading a model")) {
        return NULL;
    }
    PyTypeObject *cls = (PyTypeObject *)self->base.cls;
    PyObject *nothing = PyTuple_New(0);
    PyObject *model = nothing == NULL ? NULL : cls->tp_new(cls, nothing, NULL);
    Py_XDECREF(nothing);
    if (model != NULL && !PyObject_TypeCheck(model, cls)) {
        PyErr_Format(PyExc_TypeError, "%R makes instances of another class", cls);
        Py_CLEAR(model);
    }
    if (model != NULL && fill(self, value, model) < 0) {
        Py_CLEAR(model);
    }
    Py_LeaveRecursiveCall();
    return model;
}

static PyObject *
reader_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    PyObject *value = called_with_one(args, nargsf, names);
    return value == NULL ? NULL : read_model((reader *)self, value);
}

static int
take_read_field(void *at, PyObject *plan, PyObject *cls)
{
    read_field *field = at;
    PyObject *value;
    if (!PyArg_ParseTuple(plan, "UUpOpO!", &field->key, &field->to.name, &field->required, &field->absent, &field->is_made,
                          &PyTuple_Type, &value) || find_slot(&field->to, cls) < 0) {
        return -1;
    }
    value_plan *to = &field->value;
    if (!PyArg_ParseTuple(value, "iOOOpp", &to->sort, &to->detail, &to->key, &to->read, &to->nullable, &to->is_list)) {
        return -1;
    }
    int needs_dict = to->sort == TABLE || to->sort == TAGGED;
    if ((needs_dict && !PyDict_Check(to->detail)) || (to->sort == CLASSES && !PyTuple_Check(to->detail))) {
        PyErr_Format(PyExc_TypeError, "the plan of %R has another detail than its sort", field->key);
        return -1;
    }
    return 0;
}

static PyObject *
reader_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names))
{
    PyObject *cls, *fields, *kept, *rest;
    if (!PyArg_ParseTuple(args, "O!O!OO", &PyType_Type, &cls, &PyTuple_Type, &fields, &kept, &rest)) {
        return NULL;
    }
    reader *self = (reader *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->base.vectorcall = reader_vectorcall;
    self->base.plan = Py_NewRef(args);
    self->base.cls = cls;
    self->rest = rest;
    if (take_kept(&self->base, kept) < 0 || take_fields(&self->base, fields, sizeof(read_field), take_read_field) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
reader_dealloc(reader *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->last_text);
    Py_XDECREF(self->last_time);
    carrier_dealloc(&self->base);
}

PyDoc_STRVAR(reader_doc,
"ModelReader(cls, fields, kept, rest, /)\n--\n\n"
"Reads JSON objects as instances of *cls*, as `read_plans.ReadPlan` says.");

static PyType_Slot reader_slots[] = {
    {Py_tp_doc, (void *)reader_doc},
    {Py_tp_new, reader_new},
    {Py_tp_dealloc, reader_dealloc},
    {Py_tp_traverse, carrier_traverse},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, carrier_members},
    {0, NULL},
};

static PyType_Spec reader_spec = {
    .name = "aiotables.core._models.ModelReader",
    .basicsize = sizeof(reader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = reader_slots,
};


/* Writing */

typedef struct {
    PyObject *by_class; /* what writes the values of each class */
    PyObject *by_class_of_item; /* the same for the items of a list; None where lists stay as they are */
    Py_ssize_t most; /* longer lists stay as they are */
} write_plan;

typedef struct {
    PyObject *key;
    attribute from;
    PyObject *left_out; /* the value that is not written, or NULL */
    write_plan value;
} write_field;

typedef carrier writer;

static PyObject *write_model(writer *self, PyObject *model);

static PyObject *
write_by_class(writer *self, PyObject *by_class, PyObject *value)
{
    /* Most fields hold what orjson writes by itself. */
    PyObject *write = PyDict_GET_SIZE(by_class) ? PyDict_GetItemWithError(by_class, (PyObject *)Py_TYPE(value)) : NULL;
    if (write == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(value);
    }
    if (Py_IS_TYPE(write, Py_TYPE(self))) {
        return write_model((writer *)write, value);
    }
    return PyObject_CallOneArg(write, value);
}

/* Functions of Python that are called on the way could change the list, so its length is looked at each time. */
static PyObject *
write_list(writer *self, PyObject *by_class, PyObject *list)
{
    PyObject *items = PyList_New(0);
    for (Py_ssize_t index = 0; items != NULL && index < PyList_GET_SIZE(list); index++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, index));
        PyObject *written = write_by_class(self, by_class, item);
        Py_DECREF(item);
        if (written == NULL || PyList_Append(items, written) < 0) {
            Py_CLEAR(items);
        }
        Py_XDECREF(written);
    }
    return items;
}

static PyObject *
write_value(writer *self, const write_plan *plan, PyObject *value)
{
    if (plan->by_class_of_item != Py_None && PyList_CheckExact(value) && PyList_GET_SIZE(value) <= plan->most) {
        return write_list(self, plan->by_class_of_item, value);
    }
    return write_by_class(self, plan->by_class, value);
}

static int
put_field(writer *self, const write_field *field, PyObject *model, PyObject *result)
{
    PyObject *value = get(model, &field->from);
    if (value == NULL) {
        return -1;
    }
    if (value == field->left_out) {
        Py_DECREF(value);
        return 0;
    }
    PyObject *written = write_value(self, &field->value, value);
    Py_DECREF(value);
    if (written == NULL) {
        return -1;
    }
    int failed = PyDict_SetItem(result, field->key, written);
    Py_DECREF(written);
    return failed;
}

/* What a model keeps of unknown keys comes first, and what it has a field for wins. */
static PyObject *
with_kept(PyObject *kept, PyObject *result)
{
    if (kept == NULL) {
        return NULL;
    }
    int has_some = PyObject_IsTrue(kept);
    if (has_some <= 0) {
        return has_some < 0 ? NULL : Py_NewRef(result);
    }
    PyObject *merged = PyDict_New();
    if (merged != NULL && (PyDict_Update(merged, kept) < 0 || PyDict_Update(merged, result) < 0)) {
        Py_CLEAR(merged);
    }
    return merged;
}

static PyObject *
write_model(writer *self, PyObject *model)
{
    if (!PyObject_TypeCheck(model, (PyTypeObject *)self->cls)) {
        return refuse();
    }
    if (Py_EnterRecursiveCall(" while writing a model")) {
        return NULL;
    }
    PyObject *result = PyDict_New();
    const write_field *fields = self->fields;
    for (Py_ssize_t index = 0; result != NULL && index < self->count; index++) {
        if (put_field(self, &fields[index], model, result) < 0) {
            Py_CLEAR(result);
        }
    }
    if (result != NULL && self->kept.name != Py_None) {
        PyObject *kept = get(model, &self->kept);
        Py_SETREF(result, with_kept(kept, result));
        Py_XDECREF(kept);
    }
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
writer_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    PyObject *model = called_with_one(args, nargsf, names);
    return model == NULL ? NULL : write_model((writer *)self, model);
}

static int
take_write_field(void *at, PyObject *plan, PyObject *cls)
{
    write_field *field = at;
    int can_be_left_out;
    PyObject *value, *left_out;
    if (!PyArg_ParseTuple(plan, "UUpOO!", &field->key, &field->from.name, &can_be_left_out, &left_out, &PyTuple_Type, &value)
        || find_slot(&field->from, cls) < 0) {
        return -1;
    }
    field->left_out = can_be_left_out ? left_out : NULL;
    write_plan *to = &field->value;
    if (!PyArg_ParseTuple(value, "O!On", &PyDict_Type, &to->by_class, &to->by_class_of_item, &to->most)) {
        return -1;
    }
    if (to->by_class_of_item != Py_None && !PyDict_Check(to->by_class_of_item)) {
        PyErr_Format(PyExc_TypeError, "the plan of %R has no dict of classes for items", field->key);
        return -1;
    }
    return 0;
}

static PyObject *
writer_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names))
{
    PyObject *cls, *fields, *kept;
    if (!PyArg_ParseTuple(args, "O!O!O", &PyType_Type, &cls, &PyTuple_Type, &fields, &kept)) {
        return NULL;
    }
    writer *self = (writer *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->vectorcall = writer_vectorcall;
    self->plan = Py_NewRef(args);
    self->cls = cls;
    if (take_kept(self, kept) < 0 || take_fields(self, fields, sizeof(write_field), take_write_field) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyDoc_STRVAR(writer_doc,
"ModelWriter(cls, fields, kept, /)\n--\n\n"
"Writes the instances of a model as dicts, as `write_plans.WritePlan` says.");

static PyType_Slot writer_slots[] = {
    {Py_tp_doc, (void *)writer_doc},
    {Py_tp_new, writer_new},
    {Py_tp_dealloc, carrier_dealloc},
    {Py_tp_traverse, carrier_traverse},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, carrier_members},
    {0, NULL},
};

static PyType_Spec writer_spec = {
    .name = "aiotables.core._models.ModelWriter",
    .basicsize = sizeof(writer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = writer_slots,
};


/* The module */

static int
add_types(PyObject *module)
{
    PyType_Spec *specs[] = {&reader_spec, &writer_spec};
    for (int index = 0; index < 2; index++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[index], NULL);
        if (type == NULL) {
            return -1;
        }
        int failed = PyModule_AddType(module, (PyTypeObject *)type);
        Py_DECREF(type);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, add_types},
    {0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "aiotables.core._models",
    .m_doc = "Reads and writes the instances of models.",
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__models(void)
{
    return PyModuleDef_Init(&module);
}
