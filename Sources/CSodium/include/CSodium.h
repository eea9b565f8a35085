// libsodium, for the CURVE mechanism. Compiled and imported only where the package trait `Curve` is enabled.
#pragma once

#if __has_include(<sodium.h>)
#include <sodium.h>
#else
#error "libsodium is missing: apt-get install libsodium-dev, or build without the package trait Curve"
#endif
