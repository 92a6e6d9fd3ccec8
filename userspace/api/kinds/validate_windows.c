// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_windows.c - what containers are to be on Windows, see validate_pod.h */
#include <ctype.h>

#include "api/kinds/validate_pod.h"

#define CREDENTIAL_MAX_KIB 64
#define DOMAIN_MAX 256
#define USER_MAX 104
#define NETBIOS_MAX 15
#define BAD_IN_DOMAIN "\\/:*?\"<>|"
#define BAD_IN_USER "\"/\\:;|=,+*?<>@[]"

static bool is_netbios_name(const char *s)
{
	size_t n = strlen(s);

	return n && n <= NETBIOS_MAX && *s != '.' && !strpbrk(s, BAD_IN_DOMAIN);
}

/* A DNS name may have capital letters there. */
static bool is_dns_name(const char *s)
{
	_cleanup_free_ char *lower = xstrdup(s);

	for (char *p = lower; *p; p++)
		*p = tolower((unsigned char)*p);
	return !invalid_dns1123_subdomain(lower);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			return true;
	return false;
}

/* The user's own name; said of the whole. */
static void validate_user(const char *user, const char *name, const char *path, struct field_errors *e)
{
	if (!*user)
		child_invalid_str(e, path, "runAsUserName", name, "runAsUserName's User cannot be empty");
	else if (strlen(user) > USER_MAX)
		child_invalid_str(e, path, "runAsUserName", name,
				  "runAsUserName's User length must not be longer than 104 characters");
	if (*user && strspn(user, ". ") == strlen(user))
		child_invalid_str(e, path, "runAsUserName", name,
				  "runAsUserName's User cannot contain only periods or spaces");
	if (strpbrk(user, BAD_IN_USER))
		child_invalid_str(e, path, "runAsUserName", name,
				  "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
}

/* "user" or "DOMAIN\user" */
static void validate_user_name(const char *name, const char *path, struct field_errors *e)
{
	const char *slash = strchr(name, '\\');
	_cleanup_free_ char *domain = slash ? xstrndup(name, slash - name) : NULL;

	if (!*name) {
		child_invalid_str(e, path, "runAsUserName", name, "runAsUserName cannot be an empty string");
		return;
	}
	if (has_control(name)) {
		child_invalid_str(e, path, "runAsUserName", name, "runAsUserName cannot contain control characters");
		return;
	}
	if (slash && strchr(slash + 1, '\\')) {
		child_invalid_str(e, path, "runAsUserName", name, "runAsUserName cannot contain more than one backslash");
		return;
	}
	if (domain && strlen(domain) >= DOMAIN_MAX)
		child_invalid_str(e, path, "runAsUserName", name,
				  "runAsUserName's Domain length must be under 256 characters");
	if (domain && !is_netbios_name(domain) && !is_dns_name(domain))
		child_invalid_str(e, path, "runAsUserName", name,
				  "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
	validate_user(slash ? slash + 1 : name, name, path, e);
}

void validate_windows_options(const json *options, const char *path, struct field_errors *e)
{
	const json *spec = json_get(options, "gmsaCredentialSpec"), *user = json_get(options, "runAsUserName");
	size_t n = strlen(json_str_or(spec, ""));

	validate_name(options, "gmsaCredentialSpecName", invalid_dns1123_subdomain, path, e);
	if (spec && !n)
		child_invalid_str(e, path, "gmsaCredentialSpec", "", "gmsaCredentialSpec cannot be an empty string");
	else if (n > CREDENTIAL_MAX_KIB * 1024)
		child_invalid(e, path, "gmsaCredentialSpec", spec, "gmsaCredentialSpec size must be under 64 KiB");
	if (user)
		validate_user_name(json_str_or(user, ""), path, e);
}
