/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is one fuzz_LAYER_what.c with LLVMFuzzerTestOneInput() over LAYER and
 * those below it: it reads any bytes, and says with must() what holds of whatever
 * is accepted. libFuzzer looks for bytes that break it (`make fuzz`); replay.c
 * tries those of corpus/LAYER_what/ in every `make check`.
 */
#ifndef KEELSON_FUZZ_H
#define KEELSON_FUZZ_H

#include <errno.h>
#include <stdio.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A property; an input that breaks it is a crash. */
#define must(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: it does not hold that %s\n", __FILE__, __LINE__, #cond); \
		abort(); \
	} \
} while (0)

/* Two trees that must be the same; prints them if they are not. */
static inline void must_equal(const json *a, const json *b)
{
	_cleanup_free_ char *x = NULL, *y = NULL;

	if (json_equal(a, b))
		return;
	x = a ? json_print(a) : xstrdup("(none)");
	y = b ? json_print(b) : xstrdup("(none)");
	fprintf(stderr, "not equal:\n%s\n%s\n", x, y);
	abort();
}

/* Every refusal says why, and nothing else does. */
static inline void must_tell(int err, const char *msg)
{
	must(err == 0 ? msg == NULL : err < 0 && msg && *msg);
}

/* Input in parts, which a NUL or a line end separates. */
struct parts {
	const char *p;
	size_t left;
};

/* The next part, as text that the caller frees; "" when there is none. */
static inline char *next_part(struct parts *in)
{
	size_t n = 0;
	char *s;

	while (n < in->left && in->p[n] && in->p[n] != '\n')
		n++;
	s = xstrndup(in->p, n);
	n += n < in->left;
	in->p += n;
	in->left -= n;
	return s;
}

/*
 * A choice by two bytes among what has names: the one whose name's hash is the next,
 * so that a corpus means the same when tables grow.
 */
struct choice {
	const void *what;
	uint16_t hash;
};

static inline uint16_t name_hash(const char *name)
{
	uint32_t hash = 2166136261u;	/* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (uint16_t)(hash ^ hash >> 16);
}

static inline const void *choose(const struct choice *c, size_t n, const uint8_t *bytes)
{
	uint16_t want = (uint16_t)(bytes[0] << 8 | bytes[1]), best = UINT16_MAX;
	const void *what = NULL;

	for (size_t i = 0; i < n; i++)
		if (!what || (uint16_t)(c[i].hash - want) < best) {
			best = (uint16_t)(c[i].hash - want);
			what = c[i].what;
		}
	return what;
}

#endif
