// SPDX-License-Identifier: GPL-2.0-or-later
/* json_write.c - json.h's printing: straight into a buffer, in one pass */
#include "base/json.h"

#include <math.h>
#include <stdio.h>

/* Up to here a double holds every integer. */
#define EXACT_MAX 9e15

void json_write_str(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *from = s, *p;

	buf_add(b, "\"", 1);
	for (p = s; *p; p++) {
		unsigned char c = (unsigned char)*p;
		char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
		const char *at = strchr("\"\\\bb\ff\nn\rr\tt", c);

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, from, (size_t)(p - from));
		from = p + 1;
		if (c == '"' || c == '\\') {
			escape[1] = (char)c;
			buf_add(b, escape, 2);
		} else if (at) {
			escape[1] = at[1];
			buf_add(b, escape, 2);
		} else {
			buf_add(b, escape, 6);
		}
	}
	buf_add(b, from, (size_t)(p - from));
	buf_add(b, "\"", 1);
}

static void write_number(struct buf *b, double v)
{
	char text[32];
	int n;

	if (!isfinite(v)) {
		buf_add(b, "null", 4);
		return;
	}
	if (v == floor(v) && fabs(v) < EXACT_MAX) {
		n = snprintf(text, sizeof(text), "%lld", (long long)v);
	} else {
		n = snprintf(text, sizeof(text), "%.15g", v);
		if (strtod(text, NULL) != v)
			n = snprintf(text, sizeof(text), "%.17g", v);
	}
	buf_add(b, text, (size_t)n);
}

void json_write(struct buf *b, const json *j)
{
	bool object = cJSON_IsObject(j);

	if (object || cJSON_IsArray(j)) {
		buf_add(b, object ? "{" : "[", 1);
		json_each(it, j) {
			if (it != j->child)
				buf_add(b, ",", 1);
			if (object) {
				json_write_str(b, it->string);
				buf_add(b, ":", 1);
			}
			json_write(b, it);
		}
		buf_add(b, object ? "}" : "]", 1);
	} else if (cJSON_IsString(j)) {
		json_write_str(b, j->valuestring);
	} else if (cJSON_IsRaw(j)) {
		buf_puts(b, j->valuestring);
	} else if (cJSON_IsNumber(j)) {
		write_number(b, j->valuedouble);
	} else if (cJSON_IsBool(j)) {
		buf_puts(b, cJSON_IsTrue(j) ? "true" : "false");
	} else {
		buf_add(b, "null", 4);
	}
}

char *json_print(const json *j)
{
	struct buf b = {0};

	json_write(&b, j);
	return buf_steal(&b);
}
