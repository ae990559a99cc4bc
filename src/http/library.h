/* The headers of libmicrohttpd and its GnuTLS. They have parameters called err, which is a macro of base/err.h. */
#ifndef HTTP_LIBRARY_H
#define HTTP_LIBRARY_H

#pragma push_macro("err")
#undef err
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#pragma pop_macro("err")

#endif
