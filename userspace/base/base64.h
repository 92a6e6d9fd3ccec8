/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64.h - RFC 4648 with padding, by OpenSSL's decoder */
#ifndef KEELSON_BASE_BASE64_H
#define KEELSON_BASE_BASE64_H

#include "base/util.h"

/* The text of len bytes; caller frees. */
char *base64_encode(const void *data, size_t len);
/* Appends the bytes that a text stands for; line breaks are let through. -EINVAL if it is none (out is unchanged). */
int base64_decode(const char *text, size_t len, struct buf *out);

#endif
