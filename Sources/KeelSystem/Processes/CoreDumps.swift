import Glibc

/// What the kernel writes down of a process that crashed: all of its memory, and so the secrets in it.
package enum CoreDumps {
    /// Lets the kernel write none of this process, and lets no other process of the same user look into it. The programs that
    /// it starts are not affected by the second. Where the kernel will not, nothing else is different.
    package static func turnOff() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // The limit does not count where dumps go to a program (core(5)); that the process is not dumpable does.
        _ = control(setDumpable, 0)
    }

    /// Whether the kernel would write one of this process.
    package static var areOn: Bool { control(getDumpable, 0) != 0 }

    // As in <sys/prctl.h>, which Glibc's module leaves out.
    private static let getDumpable: Int32 = 3
    private static let setDumpable: Int32 = 4

    /// `prctl(2)`; -1 where there is none. Its declaration has a variable number of arguments, which Swift does not import; for
    /// whole numbers the calling conventions of Linux make no difference.
    private static func control(_ option: Int32, _ argument: UInt) -> Int32 {
        typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = unsafe dlsym(nil, "prctl") else { return -1 }
        return unsafe unsafeBitCast(symbol, to: Function.self)(option, argument, 0, 0, 0)
    }
}
