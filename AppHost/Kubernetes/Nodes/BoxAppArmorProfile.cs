using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Nodes;

/// <summary>
/// The files and rights of a container that makes boxes for strangers' programs, as an AppArmor profile (apparmor.d(5)). Runtimes' own profile refuses every mount;
/// this one lets through those that bubblewrap makes, and hides of the kernel's files what a runtime hides from other containers by masking <c>/proc</c>, which this
/// one may not have masked.
/// </summary>
internal static class BoxAppArmorProfile
{
    /// <summary>The profile without the mark.</summary>
    public const string Text = $$"""
        # What the judge's container may do. AppArmor 4 or later, which knows the rule userns: Ubuntu 24.04, Debian 13.
        # Goes to /etc/apparmor.d and is loaded with apparmor_parser --replace.
        abi <abi/4.0>,

        include <tunables/global>

        profile {{PodHardening.BoxRuntime}} flags=(attach_disconnected, mediate_deleted) {
          # The image's files, as far as the container's mounts let it; programs that it starts stay under this profile.
          file,

          network unix,
          network inet,
          network inet6,
          # A box's loopback is set up over it.
          network netlink raw,
          unix,

          # The container has no capability. bubblewrap has them in the user namespace that it makes, over nothing but what is in there.
          userns,
          capability,

          # What bubblewrap mounts: its root and what may be written are tmpfs, /proc is new, all else is bound from the image. No other file system.
          mount fstype=tmpfs,
          mount fstype=proc -> /newroot/proc/,
          mount options in (bind, rbind, silent),
          mount options in (slave, rslave, private, rprivate, silent),
          remount,
          umount,
          pivot_root,

          # A box's end and a container's end.
          signal (send, receive) peer={{PodHardening.BoxRuntime}},
          signal (receive) peer=unconfined,
          signal (receive) peer=runc,
          signal (receive) peer=crun,

          # The probe looks at what processes of a box can be seen of; nobody is traced.
          ptrace (read, readby) peer={{PodHardening.BoxRuntime}},

          # The kernel's files are read, but for a process' own and the limit of user namespaces, which bubblewrap sets to one for each box.
          deny @{PROC}/* w,
          deny @{PROC}/{acpi,asound,bus,driver,fs,irq,scsi,tty}/** w,
          deny @{PROC}/sys/[^u]** w,
          deny @{PROC}/sys/user/{[^m],m[^a],ma[^x],max_[^u],max_u[^s]}** w,

          # What a runtime masks in other containers.
          deny @{PROC}/{acpi,asound,scsi}/** rwklx,
          deny @{PROC}/{interrupts,kcore,keys,kmem,latency_stats,mem,sched_debug,sysrq-trigger,timer_list,timer_stats} rwklx,
          deny /sys/firmware/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
          deny /sys/kernel/security/** rwklx,

          # Of /sys only control groups are written, and of those the kernel shows a container none but its own.
          deny /sys/{[^f],f[^s]}** wklx,
          deny /sys/fs/{[^c],c[^g]}** wklx,
        }

        """;
}
