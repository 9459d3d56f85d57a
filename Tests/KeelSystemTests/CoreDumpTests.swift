import Glibc
import KeelSystem
import Testing

struct CoreDumpTests {
    @Test func `the kernel writes nothing down of a process that has secrets, and the process goes on as before`() async
    {
        await #expect(processExitsWith: .success) {
            #expect(CoreDumps.areOn)
            CoreDumps.turnOff()
            #expect(!CoreDumps.areOn)
            var limit = rlimit()
            #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
            #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
            let files = SystemFileStore()
            let status = try files.read("/proc/self/status", limit: 1 << 20)
            let descriptors = try files.list("/proc/self/fd")
            #expect(status?.isEmpty == false && !descriptors.isEmpty)
        }
    }
}
