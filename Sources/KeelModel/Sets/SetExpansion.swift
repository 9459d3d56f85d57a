import KeelBase
import KeelDiagnostics
import KeelYAML

/// Makes the accounts of sets: for each item one of each template.
struct SetExpansion {
    private let scope: ReferenceScope
    private let recent: RecentFields
    private var tables: SetTables
    /// Where each set's name stands.
    private var names: [String: SourceRange] = [:]
    /// How many accounts were made.
    private var made = 0
    private(set) var diagnostics: [Diagnostic] = []
    /// Small files can ask for many accounts: so many for each row of a table.
    private static let mostAccounts = 200_000

    init(_ scope: ReferenceScope, recent: RecentFields, tables: SetTables) {
        self.scope = scope
        self.recent = recent
        self.tables = tables
    }

    mutating func expand(_ set: DeclaredAccountSet, into declarations: inout Declarations) {
        checkName(set.name)
        let reported = diagnostics.count
        let items = items(of: set)
        let scope = scope.with(SetItem(columns: items.columns, cells: .unknown, place: set.name.range))
        let templates = set.templates.map {
            AccountTemplate($0, of: set.name.value, recent: recent, scope: scope, &diagnostics)
        }
        let labels = ItemTexts(set.labels, .metadata("labels"), scope, &diagnostics)
        let annotations = ItemTexts(set.annotations, .metadata("annotations"), scope, &diagnostics)
        var isIncomplete = set.isIncomplete || items.isIncomplete || diagnostics.count > reported
        if let key = key(of: set, items), isWithinLimits(set, items.items.count) {
            declarations.accounts.reserveCapacity(declarations.accounts.count + items.items.count * templates.count)
            var keys = ItemKeys(key)
            for item in items.items {
                guard let name = keys.name(of: item, &diagnostics) else {
                    isIncomplete = true
                    continue
                }
                let scope = self.scope.with(item)
                var values = ValueDecoder(scope)
                let labels = labels.texts(&values)
                let annotations = annotations.annotations(&values)
                diagnostics += values.diagnostics
                for template in templates {
                    let account = Self.account(
                        named: set.name.value, name, template, scope, labels, annotations, set.directory, &diagnostics)
                    declarations.accounts.append(account)
                }
            }
        } else {
            isIncomplete = true
        }
        if isIncomplete { declarations.loseSet(set.name.value) }
    }

    private mutating func checkName(_ name: Located<String>) {
        guard let earlier = names[name.value] else {
            names[name.value] = name.range
            return
        }
        diagnostics.append(
            .error(
                "manifest.duplicate-resource", "EmailAccountSet/\(name.value) is declared twice", at: name.range,
                notes: [.init("it was first declared here", at: earlier)], help: "rename or remove one of them"))
    }

    private mutating func isWithinLimits(_ set: DeclaredAccountSet, _ items: Int) -> Bool {
        made += items * set.templates.count
        guard made > Self.mostAccounts else { return true }
        diagnostics.append(
            .error(
                "manifest.limit", "the sets make more than \(Self.mostAccounts) accounts", at: set.name.range,
                help: "split the project into several"))
        return false
    }

    private mutating func items(of set: DeclaredAccountSet) -> SetItems {
        switch set.source {
        case .items(let items, let columns): SetItems(columns: columns, items: items)
        case .csv(let table, let delimiter): rows(of: table, delimiter, for: set)
        case .none: .unknown
        }
    }

    /// The rows of a table. A list without items is written on purpose; a table without rows may be an export that failed.
    private mutating func rows(of table: SetTable, _ delimiter: UInt8, for set: DeclaredAccountSet) -> SetItems {
        let items = known(tables.items(of: table, delimiter: delimiter, &diagnostics), of: set)
        if items.items.isEmpty, !items.isIncomplete, !items.columns.names.isEmpty {
            diagnostics.append(
                .warning(
                    "manifest.empty-table", "the table has a header and no rows, so the set has no accounts",
                    at: table.place, help: "check where the table comes from; a plan destroys what it had before"))
        }
        return items
    }

    /// The items, unless another delimiter separates their columns: then there is no saying which columns they have.
    private mutating func known(_ items: SetItems, of set: DeclaredAccountSet) -> SetItems {
        guard let key = set.key, items.columns[key.value] == nil,
            let delimiter = set.otherDelimiter(in: items.columns.names)
        else { return items }
        diagnostics.append(
            .error(
                "manifest.unknown-column", "the items have no \(quoted(key.value))", at: key.range,
                help: "is the delimiter \(delimiter)? write delimiter: \(delimiter)"))
        return .unknown
    }

    /// The column that names the items; nil if there is none.
    private mutating func key(of set: DeclaredAccountSet, _ items: SetItems) -> Int? {
        guard let key = set.key else { return nil }
        let columns = items.columns
        if let column = columns[key.value] { return column }
        // A list without items has no columns, and no use for a key. Items without any column have it.
        guard !columns.names.isEmpty || !items.items.isEmpty else { return 0 }
        diagnostics.append(
            .error(
                "manifest.unknown-column", "the items have no \(quoted(key.value))", at: key.range,
                help: columns.names.nearest(to: key.value).map { "did you mean \"\(ForeignText($0).text)\"?" }
                    ?? (columns.names.isEmpty ? "write it in each of them" : "they have \(columns.names.listed)")))
        return nil
    }

    private static func account(
        named set: String, _ item: Located<String>, _ template: AccountTemplate, _ scope: ReferenceScope,
        _ labels: [String: String], _ annotations: [String: Annotation], _ directory: String,
        _ diagnostics: inout [Diagnostic]
    ) -> DeclaredAccount {
        let name = template.name.map { "\(set).\(item.value).\($0)" } ?? "\(set).\(item.value)"
        var values = ValueDecoder(scope)
        let spec = template.spec(&values)
        if !values.diagnostics.isEmpty {
            let address = ResourceAddress(.emailAccount, name)
            diagnostics += values.diagnostics.map { $0.about(address) }
        }
        return DeclaredAccount(
            name: Located(name, item.range), labels: labels, annotations: annotations, spec: spec,
            directory: directory, template: template)
    }
}

/// The items of a set, as far as they could be read.
struct SetItems {
    let columns: ItemColumns
    let items: [SetItem]
    /// Whether some are missing because of a mistake.
    var isIncomplete = false

    /// Those of a set whose source could not be read.
    static let unknown = SetItems(columns: .any, items: [], isIncomplete: true)
}

/// The names of the items of a set, which must differ.
private struct ItemKeys {
    private let column: Int
    private var taken: [String: SourceRange] = [:]

    init(_ column: Int) { self.column = column }

    /// The item's name and its place; nil if it has none that is good.
    mutating func name(of item: SetItem, _ diagnostics: inout [Diagnostic]) -> Located<String>? {
        let cell = item.cell(column)
        guard let text = cell.text else {
            diagnostics.append(
                .error(
                    "manifest.empty-key", "\(quoted(item.columns.names[column])) is empty, and it names the item",
                    at: cell.place, help: "give the item a name of its own"))
            return nil
        }
        guard ValueDecoder.isName(text) else {
            diagnostics.append(
                .error(
                    "manifest.bad-key", "\(quoted(text)) is no name", at: cell.place,
                    help:
                        "an item's name has at most 63 letters, digits, \"-\", \"_\" and \".\"; name another column as the key"
                ))
            return nil
        }
        if let earlier = taken.updateValue(cell.place, forKey: text) {
            taken[text] = earlier
            diagnostics.append(
                .error(
                    "manifest.duplicate-key", "two items are named \(quoted(text))", at: cell.place,
                    notes: [.init("the other one", at: earlier)], help: "rename or remove one of them"))
            return nil
        }
        return Located(text, cell.place)
    }
}

/// A mapping of texts in a set's metadata: decoded once, or for each item if it names columns.
private struct ItemTexts {
    private let field: ValueName
    /// What is the same for all items.
    private let node: YAMLNode?
    private let texts: [String: String]
    private let isOpen: Bool

    init(_ node: YAMLNode?, _ field: ValueName, _ scope: ReferenceScope, _ diagnostics: inout [Diagnostic]) {
        self.field = field
        var values = ValueDecoder(scope)
        defer { diagnostics += values.diagnostics }
        guard let node else {
            (self.node, texts, isOpen) = (nil, [:], false)
            return
        }
        if values.mentionsItem(node) {
            let isSound = values.checkReferences(in: node)
            (self.node, texts, isOpen) = (isSound ? node : nil, [:], isSound)
        } else {
            (self.node, texts, isOpen) = (node, values.map(node, field: field) ?? [:], false)
        }
    }

    /// The texts for the item that `values` knows.
    func texts(_ values: inout ValueDecoder) -> [String: String] {
        guard isOpen, let node else { return texts }
        return values.map(node, field: field) ?? [:]
    }

    /// The same, each with the place of its name.
    func annotations(_ values: inout ValueDecoder) -> [String: Annotation] {
        guard let node else { return [:] }
        return Annotation.located(texts(&values), in: node)
    }
}
