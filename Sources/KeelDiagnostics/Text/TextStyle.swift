/// Colours for a terminal, or none.
package struct TextStyle: Sendable {
    /// Whether escape sequences are written at all.
    package let color: Bool

    package init(color: Bool) { self.color = color }

    package func bold(_ text: String) -> String { wrapped(text, "1") }
    package func dim(_ text: String) -> String { wrapped(text, "2") }
    package func red(_ text: String) -> String { wrapped(text, "31") }
    package func green(_ text: String) -> String { wrapped(text, "32") }
    package func yellow(_ text: String) -> String { wrapped(text, "33") }
    package func cyan(_ text: String) -> String { wrapped(text, "36") }

    /// Select Graphic Rendition (ECMA-48 section 8.3.117), and back to normal.
    private func wrapped(_ text: String, _ parameter: String) -> String {
        color && !text.isEmpty ? "\u{1B}[\(parameter)m\(text)\u{1B}[0m" : text
    }
}
