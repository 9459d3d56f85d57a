import KeelYAML

/// Writes the tokens of a text again, with the blanks between them that the layout wants.
///
/// It never joins lines and never breaks one. `text` has LF line ends and no byte order mark.
struct LayoutWriter {
    private let text: [UInt8]
    private let tokens: [YAMLToken]
    private var lines: LaidOutLines
    private var blocks: BlockLevels
    private var flows: [Flow] = []
    /// The token before, if it stands on the current line or has one of its own.
    private var last: YAMLToken?
    private var lastEnd = 0
    /// Whether the next token begins a line whatever stands before it.
    private var isAtLineStart = true
    /// Whether the next token is the first of an entry of a block mapping.
    private var beginsEntry = false
    private var endsLine = true
    private(set) var comments: [Range<Int>] = []

    /// A collection in brackets.
    private struct Flow {
        /// The line of its opening bracket.
        let line: Int
        /// Where a line with its closing bracket begins.
        let base: Int
        /// Where a line within it begins.
        var inner: Int { base + BlockLevels.step }
    }

    /// The text laid out anew, and its comments as they stood; nil if something in it is not understood.
    static func write(_ text: [UInt8]) -> (text: [UInt8], comments: [ArraySlice<UInt8>])? {
        guard let tokens = YAMLParser.tokens(of: text) else { return nil }
        var writer = LayoutWriter(text: text, tokens: tokens)
        for index in tokens.indices {
            guard writer.take(index) else { return nil }
        }
        let comments = writer.comments.map { text[$0] }
        return (writer.finish(), comments)
    }

    private init(text: [UInt8], tokens: [YAMLToken]) {
        self.text = text
        self.tokens = tokens
        lines = LaidOutLines(capacity: text.count + text.count / 8)
        blocks = BlockLevels(margin: Self.margin(text, tokens))
    }

    /// Where documents begin: at the margin, unless a text or key there would look like a mark between documents.
    private static func margin(_ text: [UInt8], _ tokens: [YAMLToken]) -> Int {
        var depth = 0
        var last: YAMLToken.Kind?
        for token in tokens {
            switch token.kind {
            case .blockMappingStart, .blockSequenceStart, .flowMappingStart, .flowSequenceStart: depth += 1
            case .blockEnd, .flowMappingEnd, .flowSequenceEnd: depth -= 1
            case .scalar(.plain) where depth == 0 || depth == 1 && last == .key:
                let head = text[token.bytes].prefix(4)
                let isMark = head.starts(with: "---".utf8) || head.starts(with: "...".utf8)
                if isMark, head.count == 3 || head.last.map({ $0 <= UInt8(ascii: " ") }) == true {
                    return BlockLevels.step
                }
            default: break
            }
            last = token.kind
        }
        return 0
    }

    private consuming func finish() -> [UInt8] { lines.text(comments: text, endsLine: endsLine) }

    // MARK: Structure

    /// Takes the next token; false if it is not understood.
    private mutating func take(_ index: Int) -> Bool {
        let token = tokens[index]
        switch token.kind {
        case .blockMappingStart: blocks.open(.mapping, original: token.column - 1)
        case .blockSequenceStart: blocks.open(.sequence, original: token.column - 1)
        case .blockEnd: blocks.end(afterEmpty: isAfterEmpty)
        case .key where token.bytes.isEmpty:
            guard flows.isEmpty else { break }
            blocks.enterKey(afterEmpty: isAfterEmpty)
            beginsEntry = true
        case .documentEnd where isNeedless(index): return skip(token)
        default: return place(token)
        }
        return true
    }

    /// A key or dash was the last thing.
    private var isAfterEmpty: Bool { flows.isEmpty && (last?.kind == .value || last?.kind == .blockEntry) }

    /// Only before directives `...` says something that `---` or the end of the file does not (YAML 1.2 section 9.2).
    private func isNeedless(_ index: Int) -> Bool {
        guard index + 1 < tokens.count else { return false }
        return switch tokens[index + 1].kind {
        case .documentStart, .documentEnd, .streamEnd: true
        default: false
        }
    }

    /// Leaves a token away with its line.
    private mutating func skip(_ token: YAMLToken) -> Bool {
        guard let gap = gap(before: token) else { return false }
        write(gap, before: token, indentation: 0)
        blocks.passToken()
        last = nil
        lastEnd = token.bytes.upperBound
        isAtLineStart = true
        // What is left of its line is no blank line.
        let behind = text[lastEnd...].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        if let behind, text[behind] == UInt8(ascii: "\n") { lastEnd = behind + 1 }
        return true
    }

    private mutating func place(_ token: YAMLToken) -> Bool {
        guard let gap = gap(before: token) else { return false }
        if flows.isEmpty {
            switch token.kind {
            case .blockEntry: blocks.enterItem(afterEmpty: isAfterEmpty)
            case .key, .value: blocks.enterKey(afterEmpty: isAfterEmpty)
            default: break
            }
        }
        if gap.breaksLine {
            blocks.settle(at: nil)
            let indentation = indentation(of: token)
            write(gap, before: token, indentation: indentation)
            guard token.kind != .streamEnd else { return true }
            lines.begin(indentation: indentation)
            open(token, startsLine: true)
        } else {
            guard token.kind != .streamEnd else { return true }
            if Spacing.needsBlank(between: last?.kind, isLoneDash: isLoneDash, and: token.kind) {
                lines.add(CollectionOfOne(UInt8(ascii: " ")))
            }
            blocks.settle(at: lines.column)
            open(token, startsLine: false)
        }
        write(token)
        blocks.passToken()
        beginsEntry = false
        last = token
        lastEnd = token.bytes.upperBound
        return true
    }

    /// Notes a bracket that opens or closes.
    private mutating func open(_ token: YAMLToken, startsLine: Bool) {
        switch token.kind {
        case .flowMappingStart, .flowSequenceStart:
            let base =
                if let outer = flows.last, outer.line == lines.lineCount {
                    outer.base
                } else if startsLine || !flows.isEmpty {
                    lines.indentation
                } else {
                    blocks.top?.kind == .mapping ? blocks.entryColumn : blocks.contentColumn
                }
            flows.append(Flow(line: lines.lineCount, base: base))
        case .flowMappingEnd, .flowSequenceEnd: flows.removeLast()
        default: break
        }
    }

    private func indentation(of token: YAMLToken) -> Int {
        if let flow = flows.last {
            switch token.kind {
            case .flowMappingEnd, .flowSequenceEnd: return flow.base
            default: return last?.kind == .value ? flow.inner + BlockLevels.step : flow.inner
            }
        }
        switch token.kind {
        case .directive, .documentStart, .documentEnd, .streamEnd: return 0
        case .blockEntry, .key, .value: return blocks.entryColumn
        default: return beginsEntry ? blocks.entryColumn : blocks.contentColumn
        }
    }

    /// A plain `-`, which a blank would turn into a sign.
    private var isLoneDash: Bool {
        last?.kind == .scalar(.plain) && last.map { text[$0.bytes].elementsEqual("-".utf8) } == true
    }

    // MARK: Gaps

    private mutating func gap(before token: YAMLToken) -> Gap? {
        let start = min(lastEnd, token.bytes.lowerBound)
        return Gap(text, start..<token.bytes.lowerBound, atLineStart: isAtLineStart)
    }

    /// Writes the comments and blank lines before a token that stands on another line.
    private mutating func write(_ gap: Gap, before token: YAMLToken, indentation: Int) {
        if let trailing = gap.trailing, let comment = trailing.comment {
            addTrailing(comment, column: trailing.column, after: lastEnd)
        }
        var places = blocks.closed[...]
        // A document's end and a mark between documents have no column that a comment could belong to.
        let floor = token.kind.endsDocument ? -1 : token.column - 1
        for line in gap.lines {
            guard let comment = line.comment else {
                lines.leaveBlank()
                continue
            }
            while let place = places.first, place.original > line.column || place.original <= floor {
                places.removeFirst()
            }
            lines.begin(indentation: places.first?.column ?? commentIndentation(before: token, indentation))
            lines.add(text[comment])
            comments.append(comment)
        }
        isAtLineStart = false
    }

    /// What is commented out before a closing bracket stood within the brackets.
    private func commentIndentation(before token: YAMLToken, _ indentation: Int) -> Int {
        switch token.kind {
        case .flowMappingEnd, .flowSequenceEnd: flows.last?.inner ?? indentation
        default: indentation
        }
    }

    private mutating func addTrailing(_ comment: Range<Int>, column: Int, after end: Int) {
        lines.addComment(comment, original: column, blanks: comment.lowerBound - end)
        comments.append(comment)
    }
}

extension YAMLToken.Kind {
    fileprivate var endsDocument: Bool {
        switch self {
        case .directive, .documentStart, .documentEnd, .streamEnd: true
        default: false
        }
    }
}

extension LayoutWriter {
    // MARK: Tokens

    private mutating func write(_ token: YAMLToken) {
        switch token.kind {
        case .scalar(.block): writeBlock(token)
        case .scalar(let style): writeLines(token, style)
        default: lines.add(text[token.bytes])
        }
    }

    /// A scalar that may go on over lines, whose blanks at either end of a line mean nothing.
    private mutating func writeLines(_ token: YAMLToken, _ style: YAMLToken.Style) {
        let indentation =
            flows.last.map { $0.inner + BlockLevels.step }
            // Not at the margin, where a text might look like a mark between documents.
            ?? max(blocks.contentColumn, BlockLevels.step)
        var index = token.bytes.lowerBound
        var isFirst = true
        while true {
            var start = index
            while index < token.bytes.upperBound, text[index] != UInt8(ascii: "\n") { index += 1 }
            let isLast = index == token.bytes.upperBound
            if !isFirst {
                while start < index, text[start] == UInt8(ascii: " ") || text[start] == UInt8(ascii: "\t") {
                    start += 1
                }
            }
            let end = isLast ? index : endOfLine(start..<index, style)
            if !isFirst { lines.beginExactly(indentation: start < end ? indentation : 0) }
            lines.add(text[start..<end])
            guard !isLast else { return }
            isFirst = false
            index += 1
        }
    }

    /// Without the blanks that folding drops; one behind a backslash stays (YAML 1.2 section 5.7).
    private func endOfLine(_ range: Range<Int>, _ style: YAMLToken.Style) -> Int {
        let end = Gap.trimmedEnd(text, range)
        guard style == .doubleQuoted, end < range.upperBound else { return end }
        let backslashes = text[range.lowerBound..<end].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
        return backslashes % 2 == 1 ? end + 1 : end
    }

    private mutating func writeBlock(_ token: YAMLToken) {
        let block = BlockScalarText(text, token.bytes, parent: blocks.top?.original ?? -1)
        lines.add(text[block.header])
        if let start = text[block.rest].firstIndex(of: UInt8(ascii: "#")) {
            let end = Gap.trimmedEnd(text, start..<block.rest.upperBound)
            let before = text[..<start].reversed().prefix { $0 != UInt8(ascii: "\n") }
            let column = before.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            addTrailing(start..<end, column: column, after: block.header.upperBound)
        }
        let indentation =
            block.indicator.map { blocks.entryColumn + $0 } ?? max(blocks.contentColumn, BlockLevels.step)
        let lastText = block.lines.lastIndex { $0 != nil } ?? -1
        for (index, line) in block.lines.enumerated() where block.keepsEnd || index <= lastText {
            lines.beginExactly(indentation: line == nil ? 0 : indentation)
            if let line { lines.add(text[line]) }
        }
        if !block.keepsEnd, lastText < block.lines.count - 1 { lines.leaveBlank() }
        if block.isCutByEnd { endsLine = false }
        isAtLineStart = true
    }
}
