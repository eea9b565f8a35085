// Empty without the package trait `Curve`, so that such a build does not need libsodium.
#ifdef CSODIUM_ENABLED
#include "CSodium.h"
#endif
