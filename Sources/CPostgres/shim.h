// SPDX-License-Identifier: Apache-2.0
// The whole of libpq's interface, and the letters of an error's fields, which are macros that Swift
// can't import. Only Projection imports it.
#ifndef STOCKADE_CPOSTGRES_H
#define STOCKADE_CPOSTGRES_H

#include <libpq-fe.h>

enum {
    STOCKADE_PG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    STOCKADE_PG_SQLSTATE = PG_DIAG_SQLSTATE,
    STOCKADE_PG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    STOCKADE_PG_DETAIL = PG_DIAG_MESSAGE_DETAIL,
    STOCKADE_PG_HINT = PG_DIAG_MESSAGE_HINT,
};

#endif
