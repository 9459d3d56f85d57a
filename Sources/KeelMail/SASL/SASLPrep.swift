import KeelBase

/// SASLprep (RFC 4013), with which SCRAM wants names and passwords prepared, so that both sides compute from the same bytes.
///
/// Its compatibility normalization is not in the standard library's reach. So a text is prepared where each of its characters is
/// known to come out of that as it went in, which holds for the letters of nearly all alphabets as keyboards make them. For any
/// other text there is no answer: RFC 5802 section 2.2 lets one do without such characters, and a wrong guess would look like a
/// wrong password.
enum SASLPrep {
    /// The prepared text; nil where the profile forbids it, or where nobody here knows what would come of it.
    static func prepared(_ text: [UInt8]) -> [UInt8]? {
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        guard let text = String(validating: text, as: UTF8.self) else { return nil }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !vanishes(scalar) {
            if scalar.properties.generalCategory == .spaceSeparator {
                output.append(" ")
            } else if isStable(scalar) {
                output.append(scalar)
            } else {
                return nil
            }
        }
        return output.isEmpty ? nil : Array(String(output).utf8)
    }

    /// What is commonly mapped to nothing (RFC 3454 table B.1), but for U+200B, which is in two tables.
    private static func vanishes(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00AD, 0x034F, 0x1806, 0x180B...0x180D, 0x200C, 0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// Whether the profile leaves it as it is, whatever stands beside it: it is not forbidden (section 2.3), wants no look at its
    /// neighbours (section 2.4), combines with nothing, and its compatibility form is itself.
    private static func isStable(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x80 else { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .nonspacingMark, .spacingMark, .enclosingMark:
            return false
        default: break
        }
        switch scalar.value {
        // Written from right to left: a rule about all of the text.
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: return false
        // The parts of Korean syllables combine; the others are not for plain text.
        case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF, 0x2FF0...0x2FFB, 0xFFF9...0xFFFD: return false
        default: return keepsItsForm(scalar)
        }
    }

    /// What the library tells is the form without case. A letter has its own if that of its small letter leads back to it.
    private static func keepsItsForm(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if !properties.changesWhenNFKCCaseFolded { return true }
        // Without case these two become other letters, but they have no other form.
        if scalar == "ß" || scalar == "ς" { return true }
        let small = properties.lowercaseMapping.unicodeScalars
        guard let letter = small.first, small.count == 1, letter != scalar else { return false }
        return !letter.properties.changesWhenNFKCCaseFolded
            && letter.properties.uppercaseMapping.unicodeScalars.elementsEqual([scalar])
    }
}
