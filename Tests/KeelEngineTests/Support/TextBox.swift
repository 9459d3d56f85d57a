import Synchronization

/// A text that a callback leaves for its test.
final class TextBox: Sendable {
    private let value = Mutex<String?>(nil)

    var text: String? { value.withLock { $0 } }
    func set(_ text: String?) { value.withLock { $0 = text } }
}
