import KeelDiagnostics

extension Linter {
    func checkScopes(_ profile: EffectiveProfile, _ findings: inout Findings) {
        // `.default` stands for all that was consented and cannot stand beside single scopes (AADSTS70011).
        if profile.scopes.count > 1, profile.scopes.contains(where: { $0.hasSuffix("/.default") }) {
            findings.add(
                .defaultScopeMixed, .error, profile.spec, ProfileField.scopes,
                "a .default scope cannot stand beside other scopes",
                help: "keep either .default alone or the single scopes")
        }
    }
}
