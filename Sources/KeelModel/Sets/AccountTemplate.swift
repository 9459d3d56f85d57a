import KeelBase
import KeelDiagnostics
import KeelYAML

/// The spec that a set writes once for all its items: what is the same for all of them is decoded once.
final class AccountTemplate: Sendable {
    /// Nil for the only one of a set.
    let name: String?
    /// Where its name stands.
    let place: SourceRange
    /// What does not depend on an item.
    private let spec: Spec<AccountField>
    /// The fields that do, with their values as written.
    private let open: [(index: Int, node: YAMLNode)]
    private let owner: String

    /// Decodes what does not depend on an item. `scope` knows the items' columns and no values.
    init(
        _ template: DeclaredAccountSet.Template, of set: String, recent: RecentFields, scope: ReferenceScope,
        _ diagnostics: inout [Diagnostic]
    ) {
        name = template.name
        place = template.place
        owner = "EmailAccountSet \(quoted(set))"
        var decoder = SpecDecoder<AccountField>(table: .emailAccount, recent: recent, scope: scope)
        decoder.decode(template.spec, owner: "the accounts of EmailAccountSet \(quoted(set))", at: template.place)
        spec = decoder.spec
        open = decoder.open
        diagnostics += decoder.diagnostics
    }

    /// The spec for the item that `values` knows.
    func spec(_ values: inout ValueDecoder) -> Spec<AccountField> {
        var spec = spec
        let table = FieldTable.emailAccount
        for (index, node) in open {
            let definition = table.definitions[index]
            _ = spec.read(node, index, definition, with: &values)
            guard definition.isRequired, !spec.isWritten(index) else { continue }
            values.report(
                .error(
                    "manifest.missing-field",
                    "spec.\(definition.name) is missing: \(owner) takes it from an empty value",
                    at: spec.traces[index]?.emptyCell ?? place,
                    notes: [.init("the template takes it here", at: node.range.firstLine)],
                    help: definition.documentation))
        }
        return spec
    }

    /// The diagnostic with a note where the template takes what it is about, if that is known by the place of an item.
    func explained(_ diagnostic: Diagnostic, about spec: Spec<AccountField>) -> Diagnostic {
        guard let range = diagnostic.range else { return diagnostic }
        for (index, node) in open {
            guard let trace = spec.traces[index], trace.cell == range || trace.emptyCell == range else { continue }
            var copy = diagnostic
            copy.notes.append(.init("the template takes it here", at: node.range.firstLine))
            return copy
        }
        return diagnostic
    }
}

extension DeclaredAccount {
    /// The diagnostic about this account with a note where its template takes what is wrong.
    func explained(_ diagnostic: Diagnostic) -> Diagnostic {
        template?.explained(diagnostic, about: spec) ?? diagnostic
    }
}
