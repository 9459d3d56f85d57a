/// What may reach a terminal, and how much room it takes there.
package enum TerminalText {
    /// The text without anything that moves a cursor, hides or reorders: those become U+FFFD.
    ///
    /// Line breaks and tabs become spaces; nothing is cut.
    package static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { !isHarmless($0) }) else { return text }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { cleaned.append(shown(scalar)) }
        return String(cleaned)
    }

    /// What is shown for a scalar.
    static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if isHarmless(scalar) { return scalar }
        return scalar == "\t" || scalar == "\n" || scalar == "\r" ? " " : "\u{FFFD}"
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// The cells that a scalar takes: none for combining marks, two for East Asian wide characters and emoji
    /// (Unicode Standard Annex 11), one for all else.
    package static func cells(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// The cells that a text takes.
    package static func width(of text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + cells($1) } }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
        0x20000...0x3FFFD,
    ]
}
