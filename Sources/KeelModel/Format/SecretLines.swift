import KeelBase
import KeelDiagnostics
import KeelYAML

/// The lines of a file that may hold a secret which somebody wrote out by mistake.
///
/// Goes by the names of members, whatever the document around them is: a misspelt kind, the template of a set and a file with
/// other mistakes hold secrets as well as a manifest in order does.
package struct SecretLines {
    /// From one.
    package private(set) var lines: Set<Int> = []
    /// Where values begin that somebody else knows to be secrets.
    private let known: Set<SourcePosition>

    /// The last parts of the names of secret fields.
    private static let names = parts(FieldTable.emailAccount, isSecret: true)
        .union(parts(FieldTable.oauthProfile, isSecret: true))
    private static let others = parts(FieldTable.emailAccount, isSecret: false)
        .union(parts(FieldTable.oauthProfile, isSecret: false))
    private static let ordered = names.sorted()
    /// What may stand in a secret's source, none of which is a secret.
    private static let sources: Set<String> = ["fromEnv", "fromFile", "fromCommand", "fromVault", "version"]

    /// `diagnostics`: what was found in the file.
    package init(_ stream: YAMLStream, _ diagnostics: [Diagnostic]) {
        known = Set(diagnostics.filter(\.hidesSource).compactMap { $0.range?.start })
        for document in stream.documents { if let root = document.root { look(at: root) } }
        // What has no node, such as a key.
        for range in diagnostics.filter(\.hidesSource).compactMap(\.range) { hide(range) }
    }

    /// Whether a member of this name holds a secret, or was probably meant to.
    static func isSecret(_ name: String) -> Bool {
        guard !others.contains(name) else { return false }
        let folded = name.lowercased()
        return folded.contains("secret") || folded.contains("password")
            || Suggestion.nearest(to: name, among: ordered) != nil
    }

    private static func parts(_ table: FieldTable, isSecret: Bool) -> Set<String> {
        Set(
            table.definitions.filter { ($0.type == .secret) == isSecret }
                .map { String($0.name.split(separator: ".").last ?? "") })
    }

    private mutating func look(at node: YAMLNode) {
        // The content of an alias stands elsewhere, and was looked at there.
        guard node.range == node.definitionRange else { return }
        if known.contains(node.range.start) { hide(node.range) }
        switch node.content {
        case .scalar: return
        case .sequence(let nodes): for node in nodes { look(at: node) }
        case .mapping(let members):
            for (key, value) in members {
                if let name = key.scalar?.text, Self.isSecret(name), Self.mayBeWritten(value) {
                    hide(value.range)
                    hide(value.definitionRange)
                }
                look(at: value)
            }
        }
    }

    /// Whether a value may be a secret instead of naming the source of one.
    private static func mayBeWritten(_ value: YAMLNode) -> Bool {
        switch value.content {
        case .sequence: true
        case .scalar(let scalar): ReferenceText(scalar.bytes).only == nil
        case .mapping(let members): members.contains { !sources.contains($0.key.scalar?.text ?? "") }
        }
    }

    private mutating func hide(_ range: SourceRange) {
        lines.formUnion(range.start.line...max(range.start.line, range.end.line))
    }
}
