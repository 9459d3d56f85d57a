import KeelBase
import KeelDiagnostics
import KeelModel

extension PlanDraft {
    /// Whether the account's record can be kept where and as it says; explains if not.
    mutating func checkKeeper(_ account: EffectiveAccount) -> Bool {
        if let owner = account.spec.value("managedBy"), owner != .text("mailkeel") {
            // To ignore a field that promises something would be worse.
            unsupported(
                account.spec, "managedBy", "this version manages all fields or none",
                help: "remove the line until a version supports it")
        }
        guard let keeper = keeper(of: account) else {
            explainUnknownKeeper(account.keeper, account.address, account.spec.place(of: "recordIn"))
            return false
        }
        for field in keeper.capabilities.unsupported.sorted() where account.spec.isDeclared(field) {
            unsupported(
                account.spec, field, "the keeper \(keeper.name) has no place for it", help: "remove the line")
        }
        return true
    }

    /// Two keepers would have to act on one account, in the right order.
    mutating func explainOtherKeeper(_ account: EffectiveAccount) {
        unsupported(
            account.spec, "recordIn", "this version does not take a record from one keeper to another",
            help: "declare the account anew under another name, and remove this one")
    }

    mutating func explainUnknownKeeper(_ name: String, _ address: ResourceAddress, _ place: SourceRange?) {
        let known = input.keepers.keys.sorted()
        explain(
            Diagnostic(
                .error, "plan.unknown-keeper", "there is no keeper \(ForeignText(name))", at: place,
                help: Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
                    ?? "the keepers are \(known.joined(separator: ", "))",
                address: address, responsible: .manifestAuthor))
    }

    private mutating func unsupported(
        _ spec: EffectiveSpec, _ field: String, _ message: String, help: String
    ) {
        let diagnostic = Diagnostic(
            .error, "plan.not-supported", message, at: spec.place(of: field),
            help: help, address: spec.address, responsible: .manifestAuthor)
        explain(diagnostic)
    }
}
