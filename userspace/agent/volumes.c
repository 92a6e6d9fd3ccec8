// SPDX-License-Identifier: GPL-2.0-or-later
/* volumes.c - see volumes.h */
#include "agent/volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "api/schema/quantity.h"
#include "base/log.h"

char *pod_log_dir(const char *data_dir, const char *ns, const char *name, const char *uid)
{
	return xasprintf("%s/pods/%s_%s_%s", data_dir, ns, name, uid);
}

char *pod_run_dir(const char *data_dir, const char *uid)
{
	return xasprintf("%s/run/%s", data_dir, uid);
}

char *pod_hosts_path(const char *data_dir, const char *uid)
{
	return xasprintf("%s/run/%s/hosts", data_dir, uid);
}

char *pod_termination_path(const char *data_dir, const char *uid, const char *container, uint32_t attempt)
{
	return xasprintf("%s/run/%s/end/%s-%u", data_dir, uid, container, attempt);
}

static const json *volume_spec(const json *pod, const char *volume)
{
	json_each(v, json_get(pod, "spec", "volumes"))
		if (streq(json_str(json_get(v, "name")), volume))
			return v;
	return NULL;
}

char *pod_volume_path(const char *data_dir, const json *pod, const char *volume)
{
	const json *v = volume_spec(pod, volume);
	const char *host = json_str(json_get(v, "hostPath", "path"));

	if (!v)
		return NULL;
	if (host)
		return xstrdup(host);
	return xasprintf("%s/run/%s/volumes/%s", data_dir, meta_uid(pod), volume);
}

/* --- plain files --- */

static int write_in(const char *dir, const char *rel, const void *data, size_t len, unsigned mode, char **ret_msg)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", dir, rel);
	char *slash = strrchr(path, '/');
	int r;

	if (*rel == '/' || streq(rel, "..") || startswith(rel, "../") || strstr(rel, "/../") || endswith(rel, "/..")) {
		*ret_msg = xasprintf("path \"%s\" leaves the volume", rel);
		return -EINVAL;
	}
	*slash = '\0';
	r = mkdir_p(path, 0755);
	*slash = '/';
	if (r == 0)
		r = write_file_atomic(path, data, len, mode);
	if (r < 0)
		*ret_msg = xasprintf("%s: %s", path, strerror(-r));
	return r;
}

/* data and binaryData of a config map or data of a secret; items picks keys and names files. */
static int write_object(const char *dir, const json *obj, bool secret, const json *ref, unsigned dflt_mode,
			char **ret_msg)
{
	const json *items = json_get(ref, "items");
	const json *const maps[] = { json_get(obj, "data"), json_get(obj, "binaryData") };
	unsigned mode = (unsigned)json_int(json_get(ref, "defaultMode"), dflt_mode);

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		json_each(p, maps[i]) {
			const char *text = json_str_or(p, ""), *rel = items ? NULL : json_key(p);
			unsigned file_mode = mode;
			size_t len = strlen(text);
			int r;

			json_each(item, items)
				if (streq(json_str(json_get(item, "key")), json_key(p))) {
					rel = json_str_or(json_get(item, "path"), "");
					file_mode = (unsigned)json_int(json_get(item, "mode"), mode);
				}
			if (!rel)
				continue;
			if (secret || i == 1) {
				_cleanup_free_ unsigned char *raw = xmalloc(len / 4 * 3 + 4);
				int n = EVP_DecodeBlock(raw, (const unsigned char *)text, (int)len);

				for (size_t k = len; n > 0 && k && text[k - 1] == '='; k--)
					n--;
				r = n < 0 ? -EINVAL : write_in(dir, rel, raw, (size_t)n, file_mode, ret_msg);
			} else {
				r = write_in(dir, rel, text, len, file_mode, ret_msg);
			}
			if (r < 0)
				return r;
		}
	json_each(item, items) {
		const char *key = json_str_or(json_get(item, "key"), "");

		if (!json_get(maps[0], key) && !json_get(maps[1], key) && !json_bool(json_get(ref, "optional"), false)) {
			*ret_msg = xasprintf("references non-existent key: %s", key);
			return -ENOENT;
		}
	}
	return 0;
}

static int write_reference(const char *dir, const json *deps, bool secret, const json *ref, const char *name,
			   unsigned mode, char **ret_msg)
{
	const json *obj = json_get(deps, secret ? "secrets" : "configmaps", name);

	if (!obj && json_bool(json_get(ref, "optional"), false))
		return 0;
	if (!obj) {
		*ret_msg = xasprintf("%s \"%s\" not found", secret ? "secret" : "configmap", name);
		return -ENOENT;
	}
	return write_object(dir, obj, secret, ref, mode, ret_msg);
}

static int write_downward(const char *dir, const json *pod, const json *source, const struct node_facts *node,
			  const char *pod_ip, unsigned dflt_mode, char **ret_msg)
{
	unsigned mode = (unsigned)json_int(json_get(source, "defaultMode"), dflt_mode);

	json_each(item, json_get(source, "items")) {
		const json *ref = json_get(item, "resourceFieldRef");
		_cleanup_free_ char *text = NULL;
		int r;

		if (ref)
			r = pod_resource_field(pod, node, ref, NULL, &text, ret_msg);
		else
			r = pod_field(pod, node, pod_ip, json_str_or(json_get(item, "fieldRef", "fieldPath"), ""),
				      &text, ret_msg);
		if (r == 0)
			r = write_in(dir, json_str_or(json_get(item, "path"), ""), text, strlen(text),
				     (unsigned)json_int(json_get(item, "mode"), mode), ret_msg);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_projected(const char *dir, const json *pod, const json *v, const json *deps,
			   const struct node_facts *node, const char *pod_ip, char **ret_msg)
{
	unsigned mode = (unsigned)json_int(json_get(v, "defaultMode"), 0644);

	json_each(source, json_get(v, "sources")) {
		const json *cm = json_get(source, "configMap"), *secret = json_get(source, "secret");
		const json *down = json_get(source, "downwardAPI");
		int r = 0;

		if (cm)
			r = write_reference(dir, deps, false, cm, json_str_or(json_get(cm, "name"), ""), mode, ret_msg);
		else if (secret)
			r = write_reference(dir, deps, true, secret, json_str_or(json_get(secret, "name"), ""), mode, ret_msg);
		else if (down)
			r = write_downward(dir, pod, down, node, pod_ip, mode, ret_msg);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- kinds of volumes --- */

static int make_empty_dir(const char *path, const json *v, char **ret_msg)
{
	_cleanup_free_ char *opts = NULL;
	struct stat st, up;
	_cleanup_free_ char *parent = xasprintf("%s/..", path);
	int64_t limit = quantity_value(json_get(v, "sizeLimit"), 0);

	/* Pods write here under any user. */
	if (chmod(path, 0777) < 0)
		return -errno;
	if (!streq(json_str(json_get(v, "medium")), "Memory"))
		return 0;
	if (stat(path, &st) == 0 && stat(parent, &up) == 0 && st.st_dev != up.st_dev)
		return 0;
	opts = limit > 0 ? xasprintf("mode=0777,size=%lld", (long long)limit) : xstrdup("mode=0777");
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, opts) < 0) {
		int r = -errno;

		*ret_msg = xasprintf("tmpfs on %s: %s", path, strerror(-r));
		return r;
	}
	return 0;
}

static int make_host_path(const json *v, char **ret_msg)
{
	static const struct { const char *type; mode_t mode; } kinds[] = {
		{ "Directory", S_IFDIR }, { "DirectoryOrCreate", S_IFDIR }, { "File", S_IFREG },
		{ "FileOrCreate", S_IFREG }, { "Socket", S_IFSOCK }, { "CharDevice", S_IFCHR }, { "BlockDevice", S_IFBLK },
	};
	const char *path = json_str_or(json_get(v, "path"), ""), *type = json_str_or(json_get(v, "type"), "");
	struct stat st;

	if (streq(type, "DirectoryOrCreate")) {
		int r = mkdir_p(path, 0755);

		if (r < 0 && r != -EEXIST) {
			*ret_msg = xasprintf("%s: %s", path, strerror(-r));
			return r;
		}
	} else if (streq(type, "FileOrCreate")) {
		_cleanup_close_ int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (streq(type, kinds[i].type) && (stat(path, &st) < 0 || (st.st_mode & S_IFMT) != kinds[i].mode)) {
			*ret_msg = xasprintf("hostPath type check failed: %s is not a %s", path, type);
			return -EINVAL;
		}
	return 0;
}

static int make_volume(const json *pod, const json *v, const json *deps, const struct node_facts *node,
		       const char *pod_ip, char **ret_msg)
{
	const char *name = json_str_or(json_get(v, "name"), "");
	_cleanup_free_ char *path = pod_volume_path(node->data_dir, pod, name);
	const json *s;
	int r;

	if ((s = json_get(v, "hostPath")))
		return make_host_path(s, ret_msg);
	r = mkdir_p(path, 0755);
	if (r < 0) {
		*ret_msg = xasprintf("%s: %s", path, strerror(-r));
		return r;
	}
	if ((s = json_get(v, "emptyDir")))
		return make_empty_dir(path, s, ret_msg);
	if ((s = json_get(v, "configMap")))
		return write_reference(path, deps, false, s, json_str_or(json_get(s, "name"), ""), 0644, ret_msg);
	if ((s = json_get(v, "secret")))
		return write_reference(path, deps, true, s, json_str_or(json_get(s, "secretName"), ""), 0644, ret_msg);
	if ((s = json_get(v, "downwardAPI")))
		return write_downward(path, pod, s, node, pod_ip, 0644, ret_msg);
	if ((s = json_get(v, "projected")))
		return write_projected(path, pod, s, deps, node, pod_ip, ret_msg);
	*ret_msg = xasprintf("this kind of volume is not supported");
	return -EOPNOTSUPP;
}

int volumes_make(const json *pod, const json *deps, const struct node_facts *node, const char *pod_ip, char **ret_msg)
{
	json_each(v, json_get(pod, "spec", "volumes")) {
		_cleanup_free_ char *why = NULL;
		int r = make_volume(pod, v, deps, node, pod_ip, &why);

		if (r < 0) {
			*ret_msg = xasprintf("volume \"%s\": %s", json_str_or(json_get(v, "name"), ""), why ?: strerror(-r));
			return r;
		}
	}
	return 0;
}

/* --- what is no volume --- */

char *pod_hosts_text(const json *pod, const char *pod_ip)
{
	struct buf b = { 0 };
	const char *name = json_str_or(json_get(pod, "spec", "hostname"), meta_name(pod));
	const char *sub = json_str(json_get(pod, "spec", "subdomain"));

	buf_puts(&b, "# Written by keelsond agent.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	if (pod_ip && sub && *sub)
		buf_printf(&b, "%s\t%s.%s.%s.svc.cluster.local\t%s\n", pod_ip, name, sub, meta_namespace(pod), name);
	else if (pod_ip)
		buf_printf(&b, "%s\t%s\n", pod_ip, name);
	json_each(alias, json_get(pod, "spec", "hostAliases")) {
		buf_puts(&b, json_str_or(json_get(alias, "ip"), ""));
		json_each(host, json_get(alias, "hostnames"))
			buf_printf(&b, "\t%s", json_str_or(host, ""));
		buf_puts(&b, "\n");
	}
	return buf_steal(&b);
}

int pod_files_make(const json *pod, const struct node_facts *node, const char *pod_ip, char **ret_msg)
{
	_cleanup_free_ char *logs = pod_log_dir(node->data_dir, meta_namespace(pod), meta_name(pod), meta_uid(pod));
	_cleanup_free_ char *run = pod_run_dir(node->data_dir, meta_uid(pod));
	_cleanup_free_ char *hosts = pod_hosts_path(node->data_dir, meta_uid(pod));
	_cleanup_free_ char *text = pod_hosts_text(pod, pod_ip);
	int r = mkdir_p(logs, 0755);

	if (r == 0)
		r = mkdir_p(run, 0755);
	if (r == 0 && !pod_host_network(pod))
		r = write_file_atomic(hosts, text, strlen(text), 0644);
	if (r < 0)
		*ret_msg = xasprintf("%s: %s", run, strerror(-r));
	return r;
}

int container_files_make(const json *pod, const json *spec, const struct node_facts *node, uint32_t attempt, char **ret_msg)
{
	const char *name = json_str_or(json_get(spec, "name"), "");
	_cleanup_free_ char *logs = pod_log_dir(node->data_dir, meta_namespace(pod), meta_name(pod), meta_uid(pod));
	_cleanup_free_ char *dir = xasprintf("%s/%s", logs, name);
	_cleanup_free_ char *end = pod_termination_path(node->data_dir, meta_uid(pod), name, attempt);
	char *slash = strrchr(end, '/');
	_cleanup_close_ int fd = -1;
	int r = mkdir_p(dir, 0755);

	*slash = '\0';
	if (r == 0)
		r = mkdir_p(end, 0755);
	*slash = '/';
	if (r == 0) {
		fd = open(end, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
		/* The container's user writes it, whoever that is. */
		r = fd < 0 || fchmod(fd, 0666) < 0 ? -errno : 0;
	}
	if (r < 0)
		*ret_msg = xasprintf("%s: %s", end, strerror(-r));
	return r;
}

int volume_subpath(const char *volume_path, const char *subpath, char **ret, char **ret_msg)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", volume_path, subpath);
	_cleanup_free_ char *real = NULL, *base = realpath(volume_path, NULL);
	size_t n = base ? strlen(base) : 0;

	if (base && access(path, F_OK) < 0 && !strstr(subpath, ".."))
		mkdir_p(path, 0777);
	real = realpath(path, NULL);
	/* A link inside the volume must not lead out of it. */
	if (!base || !real || !startswith(real, base) || (real[n] && real[n] != '/')) {
		*ret_msg = xasprintf("subPath \"%s\" is not inside its volume", subpath);
		return -EINVAL;
	}
	*ret = TAKE_PTR(real);
	return 0;
}

/* --- removal --- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

/* Never follows a link and never crosses into another file system. */
static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int pod_files_remove(const char *data_dir, const char *ns, const char *name, const char *uid)
{
	_cleanup_free_ char *run = pod_run_dir(data_dir, uid);
	_cleanup_free_ char *volumes = xasprintf("%s/volumes", run);
	_cleanup_free_ char *logs = ns ? pod_log_dir(data_dir, ns, name, uid) : NULL;
	DIR *d = opendir(volumes);

	if (d) {
		for (struct dirent *e; (e = readdir(d));) {
			_cleanup_free_ char *path = xasprintf("%s/%s", volumes, e->d_name);

			if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
				umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
		}
		closedir(d);
	}
	remove_tree(run);
	if (logs)
		remove_tree(logs);
	return access(run, F_OK) < 0 && (!logs || access(logs, F_OK) < 0) ? 0 : -EBUSY;
}

/* The uid at the end of a name in that directory; NULL: nothing that we made. */
static const char *uid_of_entry(const char *name, bool logs)
{
	const char *uid = logs ? strrchr(name, '_') : name;

	if (logs && uid++ == strchr(name, '_'))	/* <ns>_<name>_<uid> */
		return NULL;
	return uid && strlen(uid) == 36 && strspn(uid, "0123456789abcdef-") == 36 ? uid : NULL;
}

void pod_files_sweep(const char *data_dir, bool (*wanted)(void *data, const char *uid), void *data)
{
	static const char *const places[] = { "run", "pods" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *dir = xasprintf("%s/%s", data_dir, places[i]);
		DIR *d = opendir(dir);

		for (struct dirent *e; d && (e = readdir(d));) {
			const char *uid = uid_of_entry(e->d_name, i == 1);
			_cleanup_free_ char *path = xasprintf("%s/%s", dir, e->d_name);

			if (!uid || wanted(data, uid))
				continue;
			log_info("removing %s, whose pod is no more", path);
			if (i == 0)
				pod_files_remove(data_dir, NULL, NULL, uid);
			else
				remove_tree(path);
		}
		if (d)
			closedir(d);
	}
}
