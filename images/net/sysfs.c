/*
 * Lets Debian's own `ip netns exec` and `ip -n` work inside a user namespace.
 *
 * netns_switch() (iproute2, lib/namespace.c) unmounts /sys and mounts a sysfs of the entered network namespace, read-write. In a
 * user namespace the kernel allows a new sysfs only beside one that is already visible, and never a writable one beside a read-only
 * one (fs/namespace.c, mnt_already_visible); a pod's is read-only. So: leave a read-only /sys where it is, and mount over it
 * read-only. Elsewhere nothing changes.
 *
 * It is added to the binaries as a needed library (patchelf), so nothing is preloaded into what `ip netns exec` runs.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sys_is_read_only(void)
{
	struct statvfs fs;
	return statvfs("/sys", &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

int umount2(const char *target, int flags)
{
	if (strcmp(target, "/sys") == 0 && sys_is_read_only())
		return 0;
	return syscall(SYS_umount2, target, flags);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
	if (!type || strcmp(type, "sysfs") || strcmp(target, "/sys") || !sys_is_read_only())
		return syscall(SYS_mount, source, target, type, flags, data);
	if (syscall(SYS_mount, source, target, type, flags | MS_RDONLY, data) == 0)
		return 0;
	/* Busy: what is mounted there already is this very namespace's sysfs. */
	return errno == EBUSY ? 0 : -1;
}
