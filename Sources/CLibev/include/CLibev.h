// libev, with its function-like macros as functions: Swift imports no macros.
#pragma once

#if __has_include(<ev.h>)
#include <ev.h>
#elif __has_include(<libev/ev.h>)
#include <libev/ev.h>
#else
#error "libev is missing: apt-get install libev-dev"
#endif
