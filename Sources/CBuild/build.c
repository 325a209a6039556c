// SPDX-License-Identifier: Apache-2.0

#include "build.h"

const char *stockade_commit(void) { return STOCKADE_COMMIT; }
