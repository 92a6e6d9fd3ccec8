/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_certs.h - certificates for a test, made by the openssl program in a directory of its own */
#ifndef KEELSON_TEST_CERTS_H
#define KEELSON_TEST_CERTS_H

#include "base/util.h"

/*
 * In dir, each as NAME.crt and NAME.key: ca; server (127.0.0.1, localhost; for
 * servers only) and client (CN system:node:n1; for clients only), signed by it;
 * stranger, with the client's name but signed by itself.
 */
static inline int make_test_certs(const char *dir)
{
	static const char script[] =
		"set -e; cd '%s'; exec >/dev/null 2>&1\n"
		"ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n"
		"openssl req -x509 $ec -keyout ca.key -out ca.crt -days 2 -subj /CN=test-ca\n"
		"openssl req -x509 $ec -keyout stranger.key -out stranger.crt -days 2 -subj /CN=system:node:n1\n"
		"sign() { openssl req $ec -keyout $1.key -out $1.csr -subj \"/O=system:nodes/CN=$2\";\n"
		"  printf \"$3\" >ext; openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out $1.crt; }\n"
		"sign server keelsond 'subjectAltName=IP:127.0.0.1,DNS:localhost\\nextendedKeyUsage=serverAuth\\n'\n"
		"sign client system:node:n1 'extendedKeyUsage=clientAuth\\n'\n";
	_cleanup_free_ char *cmd = xasprintf(script, dir);

	return system(cmd) == 0 ? 0 : -1;
}

#endif
