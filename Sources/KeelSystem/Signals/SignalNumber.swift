import Glibc

/// The signals that ask a program to end.
package enum SignalNumber {
    package static let interrupt = SIGINT
    package static let terminate = SIGTERM

    /// Leaves at once, as a shell expects of a program that a signal ended: 130 for an interrupt, 143 otherwise.
    package static func leave(_ number: Int32) -> Never { _exit(number == SIGINT ? 130 : 143) }
}
