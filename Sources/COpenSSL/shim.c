// Empty without the package trait `TLS`, so that such a build does not need OpenSSL.
#ifdef COPENSSL_ENABLED
#include "COpenSSL.h"
#endif
