import ArgumentParser

/// The exit codes; docs/exit-codes.md explains them.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    /// With `--detailed-exitcode`: there are changes.
    case changes = 2
    case stalePlan = 4
    case lockHeld = 5
    /// All else was applied; named accounts could not be proven and were not put into service.
    case unproven = 6
    case usage = 64
    case interrupted = 130
    case terminated = 143

    /// Ends the command with this code.
    var exit: ExitCode { ExitCode(rawValue) }
}
