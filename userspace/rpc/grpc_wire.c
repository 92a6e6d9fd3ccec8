// SPDX-License-Identifier: GPL-2.0-or-later
/* grpc_wire.c - see grpc_wire.h */
#include "rpc/grpc_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include "rpc/grpc.h"

void grpc_frame(struct buf *out, const void *p, size_t len)
{
	unsigned char prefix[GRPC_PREFIX_LEN] = { 0 };
	uint32_t be = htonl(len);

	memcpy(prefix + 1, &be, sizeof(be));
	buf_add(out, prefix, sizeof(prefix));
	buf_add(out, p, len);
}

size_t grpc_announced(const char *p, size_t len)
{
	uint32_t n;

	if (len < GRPC_PREFIX_LEN)
		return 0;
	memcpy(&n, p + 1, sizeof(n));
	return ntohl(n);
}

int grpc_next_message(const char *p, size_t len, const char **ret, size_t *ret_len)
{
	size_t n = grpc_announced(p, len);

	if (len < GRPC_PREFIX_LEN)
		return 0;
	if (p[0])
		return -EBADMSG;
	if (n > GRPC_MAX_MESSAGE)
		return -EMSGSIZE;
	if (len - GRPC_PREFIX_LEN < n)
		return 0;
	*ret = p + GRPC_PREFIX_LEN;
	*ret_len = n;
	return 1;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *grpc_message_decode(const char *s, size_t len)
{
	char *out = xmalloc(len + 1), *o = out;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '%' && len - i > 2 && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
			*o++ = hex(s[i + 1]) << 4 | hex(s[i + 2]);
			i += 2;
		} else {
			*o++ = s[i];
		}
	}
	*o = '\0';
	return out;
}

void grpc_timeout_format(unsigned ms, char out[16])
{
	if (ms <= 99999999)
		snprintf(out, 16, "%um", ms);
	else
		snprintf(out, 16, "%uS", ms / 1000);
}

int grpc_status_of_http(int http_status)
{
	switch (http_status) {
	case 400:
		return GRPC_INTERNAL;
	case 401:
		return GRPC_UNAUTHENTICATED;
	case 403:
		return GRPC_PERMISSION_DENIED;
	case 404:
		return GRPC_UNIMPLEMENTED;
	case 429:
	case 502:
	case 503:
	case 504:
		return GRPC_UNAVAILABLE;
	default:
		return GRPC_UNKNOWN;
	}
}

int grpc_status_of_reset(uint32_t h2_error)
{
	switch (h2_error) {
	case NGHTTP2_REFUSED_STREAM:
		return GRPC_UNAVAILABLE;
	case NGHTTP2_CANCEL:
		return GRPC_CANCELLED;
	case NGHTTP2_ENHANCE_YOUR_CALM:
		return GRPC_RESOURCE_EXHAUSTED;
	case NGHTTP2_INADEQUATE_SECURITY:
		return GRPC_PERMISSION_DENIED;
	default:
		return GRPC_INTERNAL;
	}
}
