using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Tests;

/// <summary>The layouts that machines have.</summary>
public sealed class CgroupMountsTests
{
    [Fact]
    public void Version_2_has_one_hierarchy_for_all()
    {
        var mounts = CgroupMounts.Parse(
            ["35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot"],
            ["0::/user.slice/user-1000.slice/session-2.scope"]);

        mounts.Controllers.ShouldBeEmpty();
        mounts.Unified.ShouldBe(new CgroupHierarchy("/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"));
    }

    [Fact]
    public void Version_1_has_one_for_each_controller_or_a_few_together()
    {
        var mounts = CgroupMounts.Parse(
            [
                "33 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
                "36 32 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
            ],
            ["4:memory:/judge", "2:cpu,cpuacct:/"]);

        mounts.Unified.ShouldBeNull();
        mounts.Controllers["memory"].Own.ShouldBe("/sys/fs/cgroup/memory/judge");
        mounts.Controllers["cpuacct"].Own.ShouldBe("/sys/fs/cgroup/cpu,cpuacct");
    }

    [Fact]
    public void Hybrid_has_both()
    {
        var mounts = CgroupMounts.Parse(
            [
                "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
                "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
            ],
            ["4:memory:/a/b", "0::/"]);

        mounts.Controllers["memory"].Own.ShouldBe("/sys/fs/cgroup/memory/a/b");
        mounts.Unified.ShouldBe(new CgroupHierarchy("/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified"));
    }

    [Fact]
    public void In_a_container_only_a_part_is_mounted()
    {
        var mounts = CgroupMounts.Parse(
            ["35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory", "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"],
            ["4:memory:/docker/abc/judge", "0::/../../outside"]);

        mounts.Controllers["memory"].Own.ShouldBe("/sys/fs/cgroup/memory/judge");
        mounts.Unified!.Own.ShouldBe("/sys/fs/cgroup/unified");
    }

    [Fact]
    public void Without_a_mount_there_is_nothing()
    {
        var mounts = CgroupMounts.Parse(["27 1 254:0 / / rw,relatime - ext4 /dev/vda rw"], ["0::/"]);

        mounts.Controllers.ShouldBeEmpty();
        mounts.Unified.ShouldBeNull();
        Should.Throw<SandboxException>(() => CgroupTree.Create(mounts));
    }
}
