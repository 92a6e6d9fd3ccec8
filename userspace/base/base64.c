// SPDX-License-Identifier: GPL-2.0-or-later
/* base64.c - see base64.h */
#include "base/base64.h"

#include <errno.h>
#include <openssl/evp.h>

char *base64_encode(const void *data, size_t len)
{
	char *text = xmalloc(len / 3 * 4 + 5);

	EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	return text;
}

int base64_decode(const char *text, size_t len, struct buf *out)
{
	_cleanup_free_ unsigned char *bytes = xmalloc(len / 4 * 3 + 4);
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	int n = 0, last = 0, err = 0;

	if (!ctx)
		abort();
	EVP_DecodeInit(ctx);
	if (EVP_DecodeUpdate(ctx, bytes, &n, (const unsigned char *)text, (int)len) < 0 ||
	    EVP_DecodeFinal(ctx, bytes + n, &last) < 0)
		err = -EINVAL;
	else
		buf_add(out, bytes, (size_t)(n + last));
	EVP_ENCODE_CTX_free(ctx);
	return err;
}
