/// Text of a manifest as somebody without any sense of layout might have written it; the same for the same seed.
struct RandomManifest {
    private(set) var text = ""
    /// In the order in which they were written; each occurs once.
    private(set) var comments: [String] = []
    private var random: SplitMix
    private var anchors: [String] = []

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        for number in 0..<Int.random(in: 1...3, using: &random) {
            if number > 0 || chance(4) {
                if number > 0, chance(5) { text += "...\n" }
                text += "---"
                endLine()
            }
            anchors = []
            document()
        }
        if chance(6) { text += "...\n" }
        if chance(4), text.last == "\n" { text.removeLast() }
        if chance(5) { text = text.replacing("\n", with: chance(2) ? "\r\n" : "\r") }
        if chance(8) { text = "\u{FEFF}" + text }
    }

    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }

    private mutating func blanks(_ least: Int = 0) -> String {
        String(repeating: " ", count: chance(3) ? Int.random(in: least...least + 5, using: &random) : least)
    }

    private mutating func comment() -> String {
        let comment = pick(["#c", "# c ", "#\tc", "# é", "# - a: "]) + "\(comments.count)!"
        comments.append(comment)
        return comment
    }

    /// Ends the line of a token, perhaps with a comment, and perhaps leaves lines without one.
    private mutating func endLine() {
        text += chance(4) ? blanks(1) + comment() : ""
        // libyaml takes a tab behind a dash or colon for indentation.
        text += chance(6) ? blanks() + (text.last == ":" || text.last == "-" ? "\n" : "\t\n") : "\n"
        while chance(5) {
            let indentation = String(repeating: " ", count: Int.random(in: 0...9, using: &random))
            text += chance(2) ? "\n" : indentation + comment() + blanks() + "\n"
        }
    }

    private mutating func document() {
        let root = chance(5) ? Int.random(in: 1...3, using: &random) : 0
        let margin = String(repeating: " ", count: root)
        text += "\(margin)apiVersion:\(blanks(1))mailkeel/v1"
        endLine()
        text += "\(margin)kind: EmailAccount\n"
        mappingEntries(indent: root, depth: 0)
    }

    // MARK: Blocks; each ends its last line

    private mutating func mappingEntries(indent: Int, depth: Int, startsLine: Bool = true) {
        for number in 0..<Int.random(in: 1...4, using: &random) {
            if number > 0 || startsLine { text += String(repeating: " ", count: indent) }
            let quote = pick(["", "", "'", "\""])
            let key = quote + pick(["key", "a", "long name", "ключ"]) + "\(number)" + quote
            let isExplicit = chance(12)
            text += isExplicit ? "?" + blanks(1) + key + "\n" + String(repeating: " ", count: indent) : key + blanks()
            text += ":"
            value(indent: indent, depth: depth, belowKey: true)
        }
    }

    private mutating func sequenceItems(indent: Int, depth: Int, startsLine: Bool = true) {
        for number in 0..<Int.random(in: 1...3, using: &random) {
            if number > 0 || startsLine { text += String(repeating: " ", count: indent) }
            text += "-"
            let inner = Int.random(in: 1...4, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where depth < 3:
                text += String(repeating: " ", count: inner)
                mappingEntries(indent: indent + 1 + inner, depth: depth + 1, startsLine: false)
            case 1 where depth < 3:
                text += String(repeating: " ", count: inner)
                sequenceItems(indent: indent + 1 + inner, depth: depth + 1, startsLine: false)
            default: value(indent: indent, depth: depth, belowKey: false)
            }
        }
    }

    /// What follows a colon or dash in this column.
    private mutating func value(indent: Int, depth: Int, belowKey: Bool) {
        let deeper = indent + Int.random(in: 1...7, using: &random)
        switch Int.random(in: 0..<14, using: &random) {
        case 0: endLine()
        case 1 where depth < 4, 2 where depth < 4:
            properties()
            endLine()
            mappingEntries(indent: deeper, depth: depth + 1)
        case 3 where depth < 4, 4 where depth < 4:
            properties()
            endLine()
            sequenceItems(indent: belowKey && chance(2) ? indent : deeper, depth: depth + 1)
        case 5, 6: block(indent: indent)
        case 7:
            text += blanks(1)
            flow(indent: deeper, depth: 0)
            endLine()
        case 8:
            endLine()
            text += String(repeating: " ", count: deeper)
            scalar(indent: deeper)
            endLine()
        case 9 where !anchors.isEmpty:
            text += " *" + pick(anchors)
            endLine()
        default:
            text += blanks(1)
            if chance(6) { text += (anchor() ?? "!!str") + blanks(1) }
            scalar(indent: deeper)
            endLine()
        }
    }

    private mutating func anchor() -> String? {
        guard chance(2) else { return nil }
        anchors.append("x\(anchors.count)")
        return anchors.last.map { "&" + $0 }
    }

    private mutating func properties() {
        // An anchor within which an alias to it stands is a mistake, so nobody refers to these.
        if chance(8) { text += blanks(1) + "&open\(text.utf8.count)" }
    }

    private mutating func block(indent: Int) {
        let isExplicit = chance(3)
        let inner = Int.random(in: 1...5, using: &random)
        text += blanks(1) + pick(["|", ">"]) + pick(["", "", "-", "+"]) + (isExplicit ? "\(inner)" : "")
        text += chance(4) ? blanks(1) + comment() + "\n" : "\n"
        var isFirst = true
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            if chance(5) {
                text += String(repeating: " ", count: Int.random(in: 0...indent + inner, using: &random)) + "\n"
                continue
            }
            let more = isFirst && !isExplicit ? 0 : chance(3) ? Int.random(in: 1...3, using: &random) : 0
            isFirst = false
            text +=
                String(repeating: " ", count: indent + inner + more)
                + pick(["text", "# no comment", "- a: b", "x  ", "é\t"]) + "\n"
        }
        while chance(4) { text += "\n" }
    }

    /// A text that may go on over lines whose first word stands in this column or further right.
    private mutating func scalar(indent: Int) {
        let isLong = chance(4)
        func fold(_ random: inout SplitMix) -> String {
            let breaks = String(repeating: "\n", count: Int.random(in: 1...3, using: &random))
            let before = Bool.random(using: &random) ? "" : "  "
            return before + breaks + String(repeating: " ", count: indent + Int.random(in: 0...4, using: &random))
        }
        let gap = isLong ? fold(&random) : " "
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text += "'it''s" + gap + "# so '"
        case 1: text += "\" a\\n" + gap + "b" + (isLong ? "\\" : "") + gap + "\\ c\\  " + (isLong ? gap : "") + "d \""
        case 2: text += "plain" + gap + "- text: ".replacing(": ", with: ":x") + (isLong ? gap + "--- more" : "")
        default: text += pick(["993", "true", "a@b.c", "-", "-1", "a#b", "https://x/y?z", "~", "no"]) + "z"
        }
    }

    // MARK: Brackets

    private mutating func flow(indent: Int, depth: Int) {
        let isList = chance(2)
        text += isList ? "[" : "{"
        for number in 0..<Int.random(in: 0...3, using: &random) {
            if number > 0 { text += blanks() + "," }
            flowGap(indent)
            if !isList || chance(6) {
                text += "k\(number)" + blanks() + ":" + (chance(5) ? "\n" + String(repeating: " ", count: indent) : " ")
            }
            if depth < 3, chance(4) { flow(indent: indent, depth: depth + 1) } else { scalar(indent: indent) }
            if chance(3) { flowGap(indent) }
        }
        text += blanks() + (isList ? "]" : "}")
    }

    private mutating func flowGap(_ indent: Int) {
        guard chance(4) else { return text += blanks() }
        endLine()
        text += String(repeating: " ", count: indent + Int.random(in: 0...3, using: &random))
    }
}

/// A generator that gives the same numbers for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
