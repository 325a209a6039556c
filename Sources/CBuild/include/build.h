// SPDX-License-Identifier: Apache-2.0
// What the build was told. A module of its own, as only a C target can be given a text: a new commit
// then compiles one small file again.

#ifndef STOCKADE_BUILD_H
#define STOCKADE_BUILD_H

// The commit that is built, or "unknown".
const char *_Nonnull stockade_commit(void);

#endif
