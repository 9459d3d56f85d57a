import KeelBase
import KeelDiagnostics

/// Turns declarations into an effective set: presets, defaults, references, derived authorizations. Pure.
package struct Resolver {
    package private(set) var set = EffectiveSet()
    package private(set) var diagnostics: [Diagnostic] = []
    /// The keeper of accounts that name none, if the environment has one of its own.
    private let keeper: EffectiveValue?

    /// Resolves `declarations`; a resource with a mistake is left out of `set` and explained in `diagnostics`.
    package init(_ declarations: Declarations, in environment: DeclaredEnvironment? = nil) {
        keeper = environment.flatMap { environment in
            environment.keeper.map { EffectiveValue(.text($0.value), .environment(environment.name.value)) }
        }
        let profiles = unique(declarations.profiles)
        let accounts = unique(declarations.accounts)
        resolve(profiles)
        let known = Set(profiles.map(\.name.value)).union(declarations.lostNames)
        resolve(accounts, knownProfiles: known, reportsUnknownProfiles: !declarations.hasNamelessLoss)
        var refactoring = RefactoringResolver(declarations)
        set.refactoring = refactoring.resolve()
        diagnostics += refactoring.diagnostics
        set.isWhole =
            declarations.lostNames.isEmpty && !declarations.hasNamelessLoss
            && diagnostics.isEmpty && set.accounts.count == declarations.accounts.count
            && set.profiles.count == declarations.profiles.count
    }

    private mutating func resolve(_ profiles: [DeclaredProfile]) {
        for declaration in profiles {
            var resolver = ProfileResolver(declaration)
            if let profile = resolver.resolve() { set.profiles.append(profile) }
            diagnostics += resolver.diagnostics.map { $0.about(declaration.address) }
        }
        set.profiles.sort { $0.address < $1.address }
    }

    private mutating func resolve(
        _ accounts: [DeclaredAccount], knownProfiles: Set<String>, reportsUnknownProfiles: Bool
    ) {
        let terms = Dictionary(uniqueKeysWithValues: set.profiles.map { ($0.name, ProfileTerms($0)) })
        set.accounts.reserveCapacity(accounts.count)
        for declaration in accounts {
            var resolver = AccountResolver(
                declaration, profiles: terms, knownProfiles: knownProfiles,
                reportsUnknownProfiles: reportsUnknownProfiles)
            if let keeper { resolver.apply(keeper: keeper) }
            if let account = resolver.resolve() { set.accounts.append(account) }
            diagnostics += resolver.diagnostics.map { declaration.explained($0).about(declaration.address) }
        }
        sortAccounts()
        deriveAuthorizations(terms)
    }

    /// Sorts the accounts by address. They are large, and most manifests are in order already, so nothing is moved without need.
    private mutating func sortAccounts() {
        let names = set.accounts.map(\.spec.address.name)
        guard !zip(names, names.dropFirst()).allSatisfy({ $0 < $1 }) else { return }
        set.accounts = names.indices.sorted { names[$0] < names[$1] }.map { set.accounts[$0] }
    }

    /// Adds the slots that the accounts need, which stand in order; inactive accounts need none.
    private mutating func deriveAuthorizations(_ terms: [String: ProfileTerms]) {
        var authorizations: [ResourceAddress: EffectiveAuthorization] = [:]
        for account in set.accounts where account.active {
            guard let slot = account.authorization, let profile = account.profile.flatMap({ terms[$0.name] })?.profile
            else {
                continue
            }
            authorizations[slot, default: EffectiveAuthorization(slot, of: profile)].add(account, of: profile)
            if profile.grant == .password { checkPassword(of: account, like: authorizations[slot]) }
        }
        set.authorizations = authorizations.values.sorted { $0.address < $1.address }
    }

    /// One user has one password: two accounts of a slot cannot name different ones.
    private mutating func checkPassword(of account: EffectiveAccount, like slot: EffectiveAuthorization?) {
        guard let slot, let first = slot.accounts.first, account.password != slot.password else { return }
        let field = AccountField.password.definition.name
        diagnostics.append(
            Diagnostic(
                .error, "manifest.bad-value",
                "\(account.address) names another password of \(quoted(slot.subject)) than \(first) does",
                at: account.spec.place(of: field),
                help: "name the same source in both; or write authorizedAs, if they are different users",
                address: account.address))
    }

    /// The declarations without those whose address was taken before.
    private mutating func unique<Field: ResourceField>(_ declarations: [Declaration<Field>]) -> [Declaration<Field>] {
        var first: [String: SourceRange] = [:]
        first.reserveCapacity(declarations.count)
        var repeated: Set<Int> = []
        for index in declarations.indices {
            let name = declarations[index].name
            guard let earlier = first.updateValue(name.range, forKey: name.value) else { continue }
            first[name.value] = earlier
            repeated.insert(index)
            let address = declarations[index].address
            diagnostics.append(
                Diagnostic(
                    .error, "manifest.duplicate-resource", "\(address) is declared twice", at: name.range,
                    notes: [Diagnostic.Note("it was first declared here", at: earlier)],
                    help: "rename or remove one of them", address: address))
        }
        guard !repeated.isEmpty else { return declarations }
        return declarations.indices.filter { !repeated.contains($0) }.map { declarations[$0] }
    }
}

/// The path of a file that a manifest names, taken from the project's directory.
func projectPath(_ path: String, from directory: String) -> String {
    guard !path.hasPrefix("/"), !directory.isEmpty else { return path }
    var parts = directory.split(separator: "/").map(String.init)
    for part in path.split(separator: "/") {
        switch part {
        case ".": continue
        case ".." where !parts.isEmpty && parts.last != "..": parts.removeLast()
        default: parts.append(String(part))
        }
    }
    return parts.joined(separator: "/")
}
