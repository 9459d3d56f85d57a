/// A block scalar taken apart: its text is what stands behind an indentation that may be changed.
struct BlockScalarText {
    /// `|` or `>` with its signs.
    let header: Range<Int>
    /// What follows the header on its line.
    let rest: Range<Int>
    /// The lines of the text without their indentation; nil for blank ones.
    private(set) var lines: [Range<Int>?] = []
    /// Whether blank lines at the end belong to the text.
    let keepsEnd: Bool
    /// The indentation that the header asks for, from the parent's.
    let indicator: Int?
    /// Whether the file ends within the text's last line, so that a line break there would become part of it.
    private(set) var isCutByEnd = false

    /// `parent` is the column of the block collection around it; -1 if there is none.
    init(_ text: [UInt8], _ range: Range<Int>, parent: Int) {
        var index = range.lowerBound
        var digit: Int?
        var signs: Set<UInt8> = []
        while index < range.upperBound, Self.headerSigns.contains(text[index]) {
            signs.insert(text[index])
            if text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
                digit = Int(text[index] - UInt8(ascii: "0"))
            }
            index += 1
        }
        header = range.lowerBound..<index
        while index < range.upperBound, text[index] != UInt8(ascii: "\n") { index += 1 }
        rest = header.upperBound..<index
        keepsEnd = signs.contains(UInt8(ascii: "+"))
        indicator = digit
        guard index < range.upperBound else { return }
        let body = (index + 1)..<range.upperBound
        // libyaml: yaml_parser_scan_block_scalar; without a parent the indicator counts from the margin.
        let indentation = digit.map { max(parent, 0) + $0 } ?? Self.detected(text, body, least: max(parent + 1, 1))
        readLines(text, body, indentation)
        isCutByEnd = isCutByEnd && !signs.contains(UInt8(ascii: "-"))
    }

    private static let headerSigns = Set("|>+-0123456789".utf8)

    private mutating func readLines(_ text: [UInt8], _ body: Range<Int>, _ indentation: Int) {
        var index = body.lowerBound
        while index < body.upperBound {
            let start = index
            while index < body.upperBound, text[index] != UInt8(ascii: "\n") { index += 1 }
            let isEnded = index < body.upperBound
            var content = start
            while content < index, content - start < indentation, text[content] == UInt8(ascii: " ") { content += 1 }
            if content < index {
                lines.append(content..<index)
                isCutByEnd = !isEnded
            } else if isEnded {
                lines.append(nil)
            }
            index += 1
        }
    }

    /// The indentation of the first line that has text, and of blank lines before it that reach further.
    private static func detected(_ text: [UInt8], _ body: Range<Int>, least: Int) -> Int {
        var deepest = least
        var index = body.lowerBound
        while index < body.upperBound {
            let start = index
            while index < body.upperBound, text[index] == UInt8(ascii: " ") { index += 1 }
            deepest = max(deepest, index - start)
            guard index < body.upperBound, text[index] == UInt8(ascii: "\n") else { break }
            index += 1
        }
        return deepest
    }
}
