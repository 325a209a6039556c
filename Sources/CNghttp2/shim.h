// SPDX-License-Identifier: Apache-2.0
// The whole of libnghttp2's interface. Only Transport and its tests import it.
#include <nghttp2/nghttp2.h>
