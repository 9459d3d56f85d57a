import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes an `EmailAccountSet`, but for its templates, which need the items' columns.
struct SetDecoder {
    private enum Member: String, CaseIterable {
        case key, items, csv, delimiter, account, accounts
    }

    private static let names = NameTable(of: Member.self)
    private static let known = EmailAccountSet.members.map(\.name)
    private var values: ValueDecoder
    private let directory: String

    init(_ scope: ReferenceScope, directory: String) {
        values = ValueDecoder(scope)
        self.directory = directory
    }

    var diagnostics: [Diagnostic] { values.diagnostics }

    mutating func report(_ diagnostic: Diagnostic) { values.report(diagnostic) }

    mutating func metadata(_ node: YAMLNode, _ decoder: MetadataDecoder) -> MetadataDecoder.Parts {
        decoder.parts(of: node, &values)
    }

    mutating func decode(
        _ node: YAMLNode, _ name: Located<String>, labels: YAMLNode?, annotations: YAMLNode?
    ) -> DeclaredAccountSet {
        var set = DeclaredAccountSet(name: name, labels: labels, annotations: annotations, directory: directory)
        guard case .mapping(let mapping) = node.content else {
            report(.wrongType("spec", wanted: "a mapping", node))
            set.isIncomplete = true
            return set
        }
        var written: [Member: (key: YAMLNode, value: YAMLNode)] = [:]
        var mistyped: Set<Member> = []
        for (key, value) in mapping {
            guard case .scalar(let field) = key.content else { continue }
            if field.isRefusedAsKey {
                // Reported already; what it might have brought along is not missed.
                mistyped.formUnion(Member.allCases)
            } else if let member = Self.names[field.bytes] {
                written[member] = (key, value)
            } else {
                report(.unknownField(field.text, key.range, in: "EmailAccountSet spec", known: Self.known))
                if let meant = Suggestion.nearest(to: field.text, among: Self.known).flatMap(Member.init) {
                    mistyped.insert(meant)
                }
            }
        }
        for names in EmailAccountSet.choices { checkChoice(written, mistyped, names, at: name.range) }
        for pair in EmailAccountSet.companions { checkCompanion(written, mistyped, pair) }
        decodeKey(written[.key]?.value, isMistyped: mistyped.contains(.key), &set)
        let delimiter = written[.csv] == nil ? nil : decodeDelimiter(written[.delimiter]?.value)
        if let items = written[.items] {
            decodeItems(items.value, &set)
        } else if let csv = written[.csv]?.value, let table = decodePath(csv), let delimiter {
            set.source = .csv(table, delimiter: delimiter)
        }
        if let (key, value) = written[.account] {
            set.templates = [.init(name: nil, place: key.range, spec: value)]
        } else if let accounts = written[.accounts]?.value {
            decodeTemplates(accounts, &set)
        }
        if case .none = set.source { set.isIncomplete = true }
        if set.templates.isEmpty { set.isIncomplete = true }
        return set
    }

    /// Of these members there must be exactly one.
    private mutating func checkChoice(
        _ written: [Member: (key: YAMLNode, value: YAMLNode)], _ mistyped: Set<Member>, _ names: [String],
        at place: SourceRange
    ) {
        let members = names.compactMap(Member.init)
        let present = members.compactMap { written[$0]?.key.range }.sorted { $0.start < $1.start }
        if present.count > 1 {
            report(
                .error(
                    "manifest.field-not-applicable",
                    "a set has either spec.\(names.joined(separator: " or spec.")), not both", at: present[1],
                    notes: [.init("the other one", at: present[0])], help: "remove one of them"))
        } else if present.isEmpty, mistyped.isDisjoint(with: members) {
            report(
                .missingField(
                    "spec.\(names.joined(separator: " or spec."))", at: place, help: "write \(names[0]): ..."))
        }
    }

    /// A member that has a meaning beside another one only.
    private mutating func checkCompanion(
        _ written: [Member: (key: YAMLNode, value: YAMLNode)], _ mistyped: Set<Member>,
        _ pair: (member: String, of: String)
    ) {
        guard let member = Member(rawValue: pair.member), let other = Member(rawValue: pair.of),
            let key = written[member]?.key, written[other] == nil, !mistyped.contains(other)
        else { return }
        report(
            .error(
                "manifest.field-not-applicable", "spec.\(pair.member) has no meaning without spec.\(pair.of)",
                at: key.range, help: "remove the line"))
    }

    private mutating func decodeKey(_ node: YAMLNode?, isMistyped: Bool, _ set: inout DeclaredAccountSet) {
        guard let node else {
            guard !isMistyped else { return }
            report(
                .missingField(
                    "spec.key", at: set.name.range, help: "write key: COLUMN, the column that names each item"))
            return
        }
        set.key = values.text(node, field: .spec("key")).map { Located($0, node.range.firstLine) }
    }

    private mutating func decodeDelimiter(_ node: YAMLNode?) -> UInt8? {
        guard let node else { return UInt8(ascii: ",") }
        guard case .scalar(let scalar) = node.content else {
            report(.wrongType("spec.delimiter", wanted: "\",\", \";\" or tab", node))
            return nil
        }
        guard let text = values.reading(scalar, node)?.text else { return nil }
        if let known = EmailAccountSet.delimiters.first(where: { $0.word == text }) { return known.byte }
        values.badValue(
            node, "spec.delimiter must be \",\", \";\" or tab, not \(quoted(text))",
            help: text == "\t" ? "write the word: delimiter: tab" : nil)
        return nil
    }

    /// A stranger's manifest must not make anybody read what is not the project's.
    private mutating func decodePath(_ node: YAMLNode) -> SetTable? {
        guard let path = values.text(node, field: .spec("csv")) else { return nil }
        guard !path.hasPrefix("/") else {
            values.badValue(
                node, "spec.csv is an absolute path: \(quoted(path))",
                help: "write the path from the manifest's directory")
            return nil
        }
        var parts: [Substring] = directory.split(separator: "/")
        for part in path.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else {
                values.badValue(
                    node, "spec.csv leads out of the project: \(quoted(path))",
                    help: "keep the file in the project's directory or below it")
                return nil
            }
        }
        guard !parts.contains(where: { $0.hasPrefix(".") }) else {
            values.badValue(
                node, "spec.csv names a hidden path: \(quoted(path))",
                help: "hidden paths are never read; move the file")
            return nil
        }
        return SetTable(path: parts.joined(separator: "/"), place: node.range.firstLine)
    }

    private mutating func decodeTemplates(_ node: YAMLNode, _ set: inout DeclaredAccountSet) {
        guard case .mapping(let mapping) = node.content else {
            report(.wrongType("spec.accounts", wanted: "a mapping of names to specs of accounts", node))
            return
        }
        guard !mapping.isEmpty else {
            values.badValue(node, "spec.accounts names no account", help: "write accounts: { NAME: { type: ... } }")
            return
        }
        for (key, value) in mapping {
            guard case .scalar(let written) = key.content, !written.isRefusedAsKey,
                let name = values.name(key, field: .spec("accounts"))
            else {
                set.isIncomplete = true
                continue
            }
            set.templates.append(.init(name: name, place: key.range, spec: value))
        }
    }

    // MARK: Items

    private mutating func decodeItems(_ node: YAMLNode, _ set: inout DeclaredAccountSet) {
        guard case .sequence(let sequence) = node.content else {
            report(.wrongType("spec.items", wanted: "a list of items", node))
            return
        }
        var columns = WrittenColumns()
        var items: [(cells: [ItemCell?], place: SourceRange)] = []
        for item in sequence {
            guard let cells = decodeItem(item, &columns) else {
                set.isIncomplete = true
                continue
            }
            items.append((cells, item.range.firstLine))
        }
        // A set that has lost its last item has no columns that a template could name.
        let all = items.isEmpty ? .any : ItemColumns(columns.names)
        set.source = .items(
            items.map { item in
                let absent = [ItemCell?](repeating: nil, count: columns.names.count - item.cells.count)
                return SetItem(columns: all, cells: .written(item.cells + absent), place: item.place)
            }, all)
    }

    /// The columns that items have named so far, in the order in which they were met.
    private struct WrittenColumns {
        private(set) var names: [String] = []
        private var indices: [String: Int] = [:]

        mutating func index(of name: String) -> Int {
            if let known = indices[name] { return known }
            indices[name] = names.count
            names.append(name)
            return names.count - 1
        }
    }

    /// The cells of an item by their columns; nil if one of them is refused.
    private mutating func decodeItem(_ item: YAMLNode, _ columns: inout WrittenColumns) -> [ItemCell?]? {
        guard case .mapping(let mapping) = item.content else {
            report(.wrongType("an item of spec.items", wanted: "a mapping of columns to values", item))
            return nil
        }
        let reported = values.diagnostics.count
        var isWhole = true
        var cells = [ItemCell?](repeating: nil, count: columns.names.count)
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, !name.isRefusedAsKey else {
                isWhole = false
                continue
            }
            let column = columns.index(of: name.text)
            if column == cells.count { cells.append(nil) }
            cells[column] = decodeCell(key, name, value)
        }
        return isWhole && values.diagnostics.count == reported ? cells : nil
    }

    /// The cell of an item; an empty one for a value that says nothing, nil for one that is refused.
    private mutating func decodeCell(_ key: YAMLNode, _ name: YAMLScalar, _ value: YAMLNode) -> ItemCell? {
        let field = "\(quoted(name.text)) of an item"
        guard !ReferenceText.mayRefer(name.bytes) else {
            report(
                .error(
                    "manifest.bad-reference", "references have no meaning in a name", at: key.range,
                    help: "write the name out"))
            return nil
        }
        guard case .scalar(let scalar) = value.content else {
            report(.wrongType(field, wanted: "text, a number, or true or false", value))
            return nil
        }
        let empty = ItemCell("", value.range.firstLine)
        if scalar.isPlain {
            switch scalar.plainMeaning {
            case .null: return empty
            case .boolean(let flag) where scalar.text != String(flag):
                values.badValue(
                    value, "YAML 1.1 reads \(scalar.text) as \(flag)", help: "put it in quotes: \"\(scalar.text)\"")
                return nil
            case .boolean, .integer, .float, .timestamp, .string: break
            }
        }
        return values.reading(scalar, value).map { ItemCell($0.text, value.range.firstLine) }
    }
}
