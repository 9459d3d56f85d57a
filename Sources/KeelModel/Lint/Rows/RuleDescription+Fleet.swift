import KeelDiagnostics

extension RuleDescription {
    static let unusedProfile = RuleDescription(
        .note, "No account uses this profile",
        why: "It is planned and recorded, and its secret has to be renewed, for nothing.",
        fix: "Remove it, or name it in the oauthProfile of an account.",
        before: "kind: OAuthProfile\nmetadata: { name: old }",
        after: "")

    static let twoSenders = RuleDescription(
        .error, "The keeper has one active account for sending",
        why:
            "ServiceNow sends all mail through one SMTP account. When another one becomes active, it takes the first out of service, so these manifests could never be reached.",
        fix: "Set active: false for all but one of them.", before: "type: smtp\nactive: true",
        after: "type: smtp\nactive: false")

    static let twoReaders = RuleDescription(
        .error, "Two accounts read the same mailbox",
        why:
            "The keeper deletes what it has read from the mailbox (ServiceNow documentation, Email accounts). Two readers take each other's mail, and each sees a random half.",
        fix: "Keep one of them active.", before: "userName: support@contoso.com   # in two active accounts",
        after: "userName: support@contoso.com\nactive: false")

    static let sensitiveVariable = RuleDescription(
        .error, "A sensitive variable stands where its value would be seen",
        why:
            "Plans, the state and messages show the values of ordinary fields, and parts of a text cannot be kept back. A sensitive variable may only be the whole value of a field that is secret.",
        fix: "Write it as the whole value of a secret field, or declare the variable without sensitive.",
        before: "userLabel: ${var.password}", after: "password: ${var.password}", canBeSilenced: false)
}

// MARK: Silencing

extension RuleDescription {
    static let allowUnknown = RuleDescription(
        .error, "An annotation silences a rule that does not exist",
        why: "A mistyped name would silence nothing, and look as if it did.",
        fix: "Correct the name; mailkeel explain lists the rules.",
        before: "annotations: { allow/lint.debgu: \"case 4711\" }",
        after: "annotations: { allow/lint.debug: \"case 4711\" }", canBeSilenced: false)

    static let allowWithoutReason = RuleDescription(
        .error, "A rule is silenced without a reason",
        why: "Whoever reads the manifest in a year has to know why the finding does not matter here.",
        fix: "Write the reason as the annotation's text.", before: "annotations: { allow/lint.debug: \" \" }",
        after: "annotations: { allow/lint.debug: \"case 4711 until May\" }", canBeSilenced: false)

    static let allowRefused = RuleDescription(
        .error, "The rule cannot be silenced",
        why:
            "What it finds is refused by the program itself or would show secrets, so silence would change nothing but the words.",
        fix: "Remove the annotation and mend what the rule finds.",
        before: "annotations: { allow/lint.clear-text: \"old server\" }", after: "connectionSecurity: tls",
        canBeSilenced: false)

    static let allowUnused = RuleDescription(
        .warning, "An annotation silences a rule that finds nothing here",
        why: "The finding is gone. The annotation would hide it when it comes back for another reason.",
        fix: "Remove the annotation.", before: "annotations: { allow/lint.debug: \"case 4711\" }   # debug: false",
        after: "", canBeSilenced: false)
}
