// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_names.c - the syntax of names, labels, ports and addresses, see validate.h */
#include <arpa/inet.h>
#include <ctype.h>

#include "api/schema/strlist.h"
#include "api/meta/validate.h"

#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253

#define LABEL_FMT "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define SUBDOMAIN_WHY											\
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "	\
	"and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "	\
	"validation is '" LABEL_FMT "(\\." LABEL_FMT ")*')"
#define QUALIFIED_FMT "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define QUALIFIED_WHY											\
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "	\
	"alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation "	\
	"is '" QUALIFIED_FMT "')"

const char *text_of(const json *obj, const char *key)
{
	const char *s = json_str(json_get(obj, key));

	return s && *s ? s : NULL;
}

bool one_of(const char *s, const char *comma_separated)
{
	return comma_list_has(comma_separated, s);
}

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* n characters of [a-z0-9]([-a-z0-9]*[a-z0-9])? */
static bool is_label(const char *s, size_t n)
{
	if (!n || !lower_or_digit(s[0]) || !lower_or_digit(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lower_or_digit(s[i]) && s[i] != '-')
			return false;
	return true;
}

static bool is_subdomain(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, ".");

		if (!is_label(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

const char *invalid_dns1123_label(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 characters";
	if (!is_label(s, strlen(s)) && is_subdomain(s))
		return "must not contain dots";
	if (!is_label(s, strlen(s)))
		return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
		       "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
		       "regex used for validation is '" LABEL_FMT "')";
	return NULL;
}

const char *invalid_dns1123_subdomain(const char *s)
{
	if (strlen(s) > SUBDOMAIN_MAX)
		return "must be no more than 253 characters";
	return is_subdomain(s) ? NULL : SUBDOMAIN_WHY;
}

const char *invalid_dns1035_label(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 characters";
	if (!is_label(s, strlen(s)) || !(s[0] >= 'a' && s[0] <= 'z'))
		return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
		       "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
		       "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
	return NULL;
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static bool is_qualified_part(const char *s)
{
	size_t n = strlen(s);

	if (!n || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-_.", s[i]))
			return false;
	return true;
}

const char *invalid_path_segment(const char *s)
{
	if (streq(s, ".") || streq(s, ".."))
		return streq(s, ".") ? "may not be '.'" : "may not be '..'";
	if (strpbrk(s, "/%"))
		return strchr(s, '/') ? "may not contain '/'" : "may not contain '%'";
	return NULL;
}

size_t label_key_reasons(const char *s, const char *ret[LABEL_KEY_REASONS])
{
	const char *slash = strchr(s, '/');
	const char *name = slash ? slash + 1 : s;
	size_t n = 0;

	if (slash && strchr(name, '/')) {
		ret[0] = "a valid label key " QUALIFIED_WHY " with an optional DNS subdomain prefix and '/' "
			 "(e.g. 'example.com/MyName')";
		return 1;
	}
	if (slash) {
		_cleanup_free_ char *prefix = xstrndup(s, slash - s);

		if (!*prefix)
			ret[n++] = "prefix part must be non-empty";
		else if (strlen(prefix) > SUBDOMAIN_MAX)
			ret[n++] = "prefix part must be no more than 253 bytes";
		else if (!is_subdomain(prefix))
			ret[n++] = "prefix part " SUBDOMAIN_WHY;
	}
	if (!*name)
		ret[n++] = "name part must be non-empty";
	else if (strlen(name) > LABEL_MAX)
		ret[n++] = "name part must be no more than 63 bytes";
	if (!is_qualified_part(name))
		ret[n++] = "name part " QUALIFIED_WHY;
	return n;
}

const char *invalid_label_key(const char *s)
{
	const char *why[LABEL_KEY_REASONS];

	return label_key_reasons(s, why) ? why[0] : NULL;
}

const char *invalid_label_value(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 bytes";
	if (*s && !is_qualified_part(s))
		return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
		       "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
		       "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
	return NULL;
}

size_t port_name_reasons(const char *s, const char *ret[PORT_NAME_REASONS])
{
	size_t n = strlen(s), found = 0;
	bool letter = false, others = false;

	for (size_t i = 0; i < n; i++) {
		others = others || (!lower_or_digit(s[i]) && s[i] != '-');
		letter = letter || (s[i] >= 'a' && s[i] <= 'z');
	}
	if (n > 15)
		ret[found++] = "must be no more than 15 characters";
	if (others)
		ret[found++] = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
	if (!letter)
		ret[found++] = "must contain at least one letter (a-z)";
	if (strstr(s, "--"))
		ret[found++] = "must not contain consecutive hyphens";
	if (n && (s[0] == '-' || s[n - 1] == '-'))
		ret[found++] = "must not begin or end with a hyphen";
	return found;
}

const char *invalid_port_name(const char *s)
{
	const char *why[PORT_NAME_REASONS];

	return port_name_reasons(s, why) ? why[0] : NULL;
}

const char *invalid_env_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '=')
			return "a valid environment variable name must consist only of printable ASCII characters "
			       "other than '='";
	return NULL;
}

const char *invalid_config_key(const char *s)
{
	if (strlen(s) > SUBDOMAIN_MAX)
		return "must be no more than 253 characters";
	if (!*s || strspn(s, "-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(s))
		return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  "
		       "or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
	if (streq(s, "."))
		return "must not be '.'";
	if (streq(s, ".."))
		return "must not be '..'";
	if (startswith(s, ".."))
		return "must not start with '..'";
	return NULL;
}

bool valid_ip(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

bool valid_cidr(const char *s)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *ip = slash ? xstrndup(s, slash - s) : NULL;
	int64_t len;

	return slash && valid_ip(ip) && parse_i64(slash + 1, 0, strchr(ip, ':') ? 128 : 32, &len) == 0;
}
