import Glibc
import KeelBase
import Synchronization

/// A terminal that does not show what is typed, until it is told to.
private final class HiddenInput: Sendable {
    private let descriptor: Int32
    private let former: termios
    private let isHidden = Atomic(false)

    /// Nil if it is no terminal.
    init?(_ descriptor: Int32) {
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
        self.descriptor = descriptor
        former = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        // What was typed ahead was typed for all to see, and for another question.
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &settings) == 0 else { return nil }
        isHidden.store(true, ordering: .relaxed)
    }

    func show() {
        guard isHidden.exchange(false, ordering: .relaxed) else { return }
        var settings = former
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &settings)
    }
}

extension Terminal {
    /// The next line from a terminal, which does not show it, without its end; nil at the end of input, on an error, or
    /// when the task is cancelled.
    package static func readHiddenLine(from descriptor: Int32 = 0) async -> Secret? {
        guard let input = HiddenInput(descriptor) else { return nil }
        defer { input.show() }
        return await withTaskCancellationHandler {
            await readLine(from: descriptor).map { Secret(copying: $0) }
        } onCancel: {
            // At once: a second signal ends the process, and leaves the terminal as it is then.
            input.show()
        }
    }
}
