import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes one value by its field's type; each refusal says what was wanted and why.
struct ValueDecoder {
    private(set) var diagnostics: [Diagnostic] = []
    /// What references may name.
    let scope: ReferenceScope
    /// Of what the values were made since somebody took it.
    var trace = ReferenceTrace()

    init(_ scope: ReferenceScope = .empty) { self.scope = scope }

    /// Of what the values were made since it was last asked for.
    mutating func takeTrace() -> ReferenceTrace {
        defer { trace = ReferenceTrace() }
        return trace
    }

    /// Adds what somebody else found, so that there is one list.
    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    mutating func value(_ node: YAMLNode, _ type: FieldType, field: ValueName) -> FieldValue? {
        switch type {
        case .text, .path: text(node, field: field).map(FieldValue.text)
        case .host: host(node, field).map(FieldValue.text)
        case .port: port(node, field).map(FieldValue.integer)
        case .count(let range): count(node, field, range).map(FieldValue.integer)
        case .boolean: boolean(node, field).map(FieldValue.boolean)
        case .choice(let words): choice(node, field, words).map(FieldValue.text)
        case .date: date(node, field).map(FieldValue.text)
        case .duration: duration(node, field).map(FieldValue.text)
        case .url: url(node, field).map(FieldValue.text)
        case .keyHash: keyHash(node, field).map(FieldValue.text)
        case .textSet: whole { decoder in decoder.set(node, field) }
        case .textMap: whole { decoder in decoder.map(node, field: field).map(FieldValue.map) }
        case .secret: hidingSource { decoder in decoder.secret(node, field) }
        }
    }

    /// Text, as it was written. A plain scalar that YAML 1.1 reads as true, false or nothing is refused: `no` is the
    /// classic trap, and a missing value is not an empty text. Numbers keep their digits (`version: 1.10` stays `1.10`).
    /// What references make is text, whatever it looks like.
    mutating func text(_ node: YAMLNode, field: ValueName) -> String? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: "text", node))
            return nil
        }
        if scalar.isPlain {
            switch scalar.plainMeaning {
            case .null:
                badValue(node, "\(field) has no value", help: "give it a value, or remove the line")
                return nil
            case .boolean(let flag):
                badValue(
                    node, "\(field) must be text, but YAML 1.1 reads \(scalar.text) as \(flag)",
                    help: "put it in quotes: \"\(scalar.text)\"")
                return nil
            case .integer, .float, .timestamp, .string: break
            }
        }
        let bytes = scalar.bytes
        guard !bytes.isEmpty else {
            badValue(node, "\(field) is empty", help: "give it a value, or remove the line")
            return nil
        }
        // Nearly every value is made of these, and the rest of the rules cost time.
        let isOrdinary = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "$") }
        return isOrdinary ? scalar.text : unusualText(scalar, node, field)
    }

    private mutating func unusualText(_ scalar: YAMLScalar, _ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = reading(scalar, node)?.text else { return nil }
        guard !text.isEmpty else {
            badValue(node, "\(field) is empty", help: nil)
            return nil
        }
        guard !text.unicodeScalars.contains(where: Self.disguises) else {
            badValue(
                node, "\(field) holds a control character",
                help: "remove line breaks, tabs and marks of the writing direction")
            return nil
        }
        return text
    }

    /// Whether the scalar could make a line of a plan look like another one.
    private static func disguises(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }

    mutating func map(_ node: YAMLNode, field: ValueName) -> [String: String]? {
        guard case .mapping(let mapping) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: "a mapping of names to texts", node))
            return nil
        }
        var pairs: [String: String] = [:]
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, !name.isRefusedAsKey else { continue }
            guard !ReferenceText.mayRefer(name.bytes) else {
                report(
                    .error(
                        "manifest.bad-reference", "references have no meaning in a name", at: key.range,
                        help: "write the name out"))
                continue
            }
            if let text = text(value, field: field.entry(name)) { pairs[name.text] = text }
        }
        return pairs
    }

    mutating func badValue(_ node: YAMLNode, _ message: String, help: String?) {
        diagnostics.append(
            located(Diagnostic(.error, "manifest.bad-value", message, at: node.range.firstLine, help: help), node))
    }

    // MARK: Types

    private mutating func host(_ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        guard HostName.isHost(text) else {
            if HostName.colons(text) == 1, HostName.isHost(String(text.prefix { $0 != ":" })) {
                badValue(node, "\(field) must not hold the port", help: "write the port in spec.port")
            } else {
                badValue(
                    node, "\(field) is no host name or address: \(quoted(text))",
                    help: "write the name alone, without a scheme or path; international names in their xn-- form")
            }
            return nil
        }
        return text.utf8.contains { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") } ? text.lowercased() : text
    }

    private mutating func port(_ node: YAMLNode, _ field: ValueName) -> Int? {
        number(node, field, 1...65535, wanted: "a port number")
    }

    private mutating func count(_ node: YAMLNode, _ field: ValueName, _ range: ClosedRange<Int>) -> Int? {
        number(node, field, range, wanted: "a number")
    }

    private mutating func number(
        _ node: YAMLNode, _ field: ValueName, _ range: ClosedRange<Int>, wanted: String
    ) -> Int? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: wanted, node))
            return nil
        }
        guard let reading = reading(scalar, node) else { return nil }
        let text = reading.text
        // YAML 1.1 would read 0993 as octal and 9:93 as sexagesimal; a number is digits and nothing else.
        guard let number = DecimalNumber.parse(text, max: range.upperBound), range.contains(number),
            text.utf8.first != UInt8(ascii: "0")
        else {
            badValue(
                node,
                "\(field) must be a number from \(range.lowerBound) to \(range.upperBound), not \(quoted(text))",
                help: nil)
            return nil
        }
        guard reading.isPlain else {
            badValue(node, "\(field) must be a number, not the text \(quoted(text))", help: reading.remedy)
            return nil
        }
        return number
    }

    private mutating func boolean(_ node: YAMLNode, _ field: ValueName) -> Bool? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: "true or false", node))
            return nil
        }
        guard let reading = reading(scalar, node) else { return nil }
        // Only the words that every YAML version reads alike.
        switch reading.text {
        case "true" where reading.isPlain: return true
        case "false" where reading.isPlain: return false
        default:
            badValue(
                node, "\(field) must be true or false, not \(quoted(reading.text))",
                help: reading.isPlain
                    ? "yes, no, on and off mean different things to different parsers" : reading.remedy)
            return nil
        }
    }

    private mutating func choice(_ node: YAMLNode, _ field: ValueName, _ words: [String]) -> String? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: "one of \(words.joined(separator: ", "))", node))
            return nil
        }
        guard let text = reading(scalar, node)?.text else { return nil }
        if words.contains(text) { return text }
        badValue(
            node, "\(field) must be one of \(words.joined(separator: ", ")), not \(quoted(text))",
            help: Suggestion.nearest(to: text, among: words).map { "did you mean \"\($0)\"?" })
        return nil
    }

    private mutating func date(_ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        guard text.utf8.count == 10, Timestamp(parsing: text) != nil else {
            badValue(node, "\(field) must be a date like 2027-03-01, not \(quoted(text))", help: nil)
            return nil
        }
        return text
    }

    private mutating func duration(_ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        guard let unit = text.last, "dhm".contains(unit), let count = DecimalNumber.parse(String(text.dropLast())),
            count > 0
        else {
            badValue(node, "\(field) must be a time like 90d, 12h or 30m, not \(quoted(text))", help: nil)
            return nil
        }
        return text
    }

    private mutating func url(_ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        do {
            _ = try EndpointURL(parsing: text)
            return text
        } catch {
            badValue(node, "\(field) \(error)", help: nil)
            return nil
        }
    }

    private mutating func set(_ node: YAMLNode, _ field: ValueName) -> FieldValue? {
        guard case .sequence(let sequence) = node.content else {
            diagnostics.append(.wrongType(field.description, wanted: "a list of texts", node))
            return nil
        }
        var texts: Set<String> = []
        for element in sequence {
            guard let text = text(element, field: field) else { continue }
            guard !text.contains(" ") else {
                badValue(
                    element, "an entry of \(field) holds a space: \(quoted(text))",
                    help: "write each entry on a line of its own")
                continue
            }
            if !texts.insert(text).inserted {
                badValue(element, "\(quoted(text)) stands twice in \(field)", help: "remove one of them")
            }
        }
        return .set(of: texts)
    }

    /// A value of several parts, or nothing if one of them was refused: what is left would be judged for what it lacks.
    private mutating func whole(_ body: (inout ValueDecoder) -> FieldValue?) -> FieldValue? {
        let before = diagnostics.count
        let value = body(&self)
        return diagnostics.count == before ? value : nil
    }

    /// What stands where a secret's source should stand may be the secret itself: no diagnostic may quote its line.
    private mutating func hidingSource(_ body: (inout ValueDecoder) -> FieldValue?) -> FieldValue? {
        let before = diagnostics.count
        defer { for index in before..<diagnostics.count { diagnostics[index].hidesSource = true } }
        return body(&self)
    }
}
