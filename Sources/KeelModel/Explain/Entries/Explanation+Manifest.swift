extension Explanation {
    /// What is wrong with a manifest.
    static let manifest = [
        Explanation(
            "manifest.unknown-version", "Another version of the manifest language",
            "apiVersion names a version that this Mailkeel does not know. Nothing else in the document is judged, because it may mean something else there.",
            fix: "Write apiVersion: mailkeel/v1, or use a newer Mailkeel.", before: "apiVersion: mailkeel/v2",
            after: "apiVersion: mailkeel/v1"),
        Explanation(
            "manifest.unknown-kind", "There is no such kind",
            "kind says what a document declares. Authorizations are never written: they follow from the accounts that need them.",
            fix: "Write one of the kinds that the finding lists.", before: "kind: MailAccount",
            after: "kind: EmailAccount"),
        Explanation(
            "manifest.unknown-field", "A field that nobody knows",
            "A mistyped field would be ignored by a more lenient reader, and the setting with it.",
            fix: "Write the name that the finding suggests, or remove the line.",
            before: "  severName: imap.example.com",
            after: "  server: imap.example.com"),
        Explanation(
            "manifest.missing-field", "Something that cannot be left out is not there",
            "The resource needs the field, by itself or because of another one, and no preset or default gives it.",
            fix: "Write the field; the help line of the finding shows how."),
        Explanation(
            "manifest.bad-value", "A value that the field cannot have",
            "Values are read as they are written and never guessed at: yes, no, on and off mean different things to different YAML readers, 0993 is a number in octal to some, and an empty value is no text.",
            fix: "Write a value of the kind that the finding names; put texts such as \"no\" in quotes.",
            before: "userName: no", after: "userName: \"no\""),
        Explanation(
            "manifest.wrong-type", "A list, a mapping or a text where another is wanted",
            "The field wants another shape of value.", fix: "Write it as the finding says.", before: "scopes: openid",
            after: "scopes: [openid]"),
        Explanation(
            "manifest.field-not-applicable", "The field has no meaning here",
            "It belongs to another protocol or another way to authenticate. Whoever reads the manifest would think that it does something.",
            fix: "Remove the line, or correct the field that excludes it.",
            before: "type: imap\nfrom: no-reply@contoso.com",
            after: "type: imap"),
        Explanation(
            "manifest.plain-secret", "A secret stands where everybody sees it",
            "Manifests are kept in repositories and shown in reviews. A secret field says where the secret comes from, and never what it is. The line is not quoted in the finding.",
            fix:
                "Write the source instead. If the file was shared, replace the secret at the provider: others may have seen it.",
            before: "password: hunter2", after: "password: { fromEnv: SUPPORT_PASSWORD }"),
        Explanation(
            "manifest.unknown-reference", "The name of something that is not there",
            "An account names a profile, a profile names a provider or cloud, a rename names a resource. What they name has to be declared or known.",
            fix: "Correct the name, or declare what it names."),
        Explanation(
            "manifest.duplicate-resource", "Two resources have the same address",
            "Kind and name together say which resource is meant, in plans, in the state and on the command line.",
            fix: "Rename or remove one of them."),
        Explanation(
            "manifest.mixed-file", "A file holds manifests and something else",
            "A document without apiVersion: mailkeel/v1 stands beside others with it. It may be another tool's, or a manifest with a mistake in its first line; nobody could say.",
            fix: "Give the document its apiVersion, or move it to a file of its own."),
        Explanation(
            "manifest.misplaced-project", "A Project outside of mailkeel.yaml",
            "What a project is stands in one place, so that nobody has to look for it.",
            fix: "Move the document to mailkeel.yaml in the project's directory."),
    ]

    /// Renames, and the end of management.
    static let refactoring = [
        Explanation(
            "manifest.duplicate-move", "A resource is moved twice",
            "Two Moved documents begin at the same address, and only one can say where it goes on.",
            fix: "Remove one of the documents."),
        Explanation(
            "manifest.move-collision", "Two resources are moved to one address",
            "Both could not go on there.", fix: "Remove one of the documents, or give one of them another name."),
        Explanation(
            "manifest.move-cycle", "Moves that lead back to where they began",
            "In the end nothing would be renamed.",
            fix: "Remove one of the documents. To swap two names, apply a move to a third name first."),
        Explanation(
            "manifest.move-to-itself", "A move that ends where it begins", "It would rename nothing.",
            fix: "Remove the document, or correct one of its addresses."),
        Explanation(
            "manifest.move-between-kinds", "A move to another kind",
            "An account stays an account, and a profile a profile. Authorizations follow from those and are not moved by themselves.",
            fix: "Correct one of the addresses.", before: "spec: { from: EmailAccount/m365, to: OAuthProfile/m365 }",
            after: "spec: { from: OAuthProfile/m365, to: OAuthProfile/office }"),
        Explanation(
            "manifest.moved-still-declared", "What was moved is still declared under its old name",
            "The same resource would be there twice.",
            fix: "Rename the resource itself too, or remove the Moved document."),
        Explanation(
            "manifest.duplicate-removal", "A resource is removed twice", "One document says it.",
            fix: "Remove one of the documents."),
        Explanation(
            "manifest.removed-still-declared", "What is removed is still declared",
            "Removed says that the resource is no longer managed, and its declaration says that it is.",
            fix: "Remove the declaration, or the Removed document."),
        Explanation(
            "manifest.removed-and-moved", "A resource is both removed and moved",
            "It cannot go on at another address and be no longer managed.", fix: "Remove one of the documents."),
    ]
}
