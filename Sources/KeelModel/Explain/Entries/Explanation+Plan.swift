extension Explanation {
    /// What a plan refuses, or remarks.
    static let plan = [
        Explanation(
            "plan.not-supported", "The account needs something that this version does not do",
            "A setting that promises more than the program, or the keeper of the record, does is refused rather than ignored.",
            fix: "Remove the line, or do what the message says."),
        Explanation(
            "plan.prevent-destroy", "A protected account would be destroyed",
            "lifecycle.preventDestroy was committed for it, and the manifests no longer declare it, or declare it in a way that needs a new one.",
            fix:
                "Declare it again. To destroy it, first apply it with preventDestroy: false; to keep it and stop managing it, declare it Removed."
        ),
        Explanation(
            "plan.unknown-keeper", "There is no such keeper", "recordIn names where the account's record lives.",
            fix: "Correct the name; local is the keeper that is always there."),
        Explanation(
            "plan.unknown-replacement", "--replace names no authorization", "There is none with this address.",
            fix: "Correct it; mailkeel state list shows the authorizations."),
        Explanation(
            "plan.unproven", "Accounts are in service without a proof",
            "proof: deferred lets an account be committed before a login worked. Until one has, nobody knows whether it works.",
            fix: "Run mailkeel apply again when the server can be reached, or set proof: required."),
        Explanation(
            "plan.secret-not-compared", "The client secret was not compared",
            "A plan reads no secrets, so it does not see that one was replaced.",
            fix: "Change version beside the source together with the secret; reviewers then see it too."),
        Explanation(
            "plan.secret-expires", "The client secret expires soon",
            "By client.secretExpires. On that day every account of the profile stops being renewed.",
            fix:
                "Make a new secret at the provider, replace it at its source, and write its last day and a new version."
        ),
        Explanation(
            "plan.secret-expired", "The client secret has expired", "By client.secretExpires the provider refuses it.",
            fix: "Replace it; if that was done, correct the date."),
        Explanation(
            "plan.certificate-expires", "The client certificate expires soon",
            "By client.certificateExpires. On that day every account of the profile stops being renewed.",
            fix: "Make a new certificate, register it at the provider, replace the file, and write its last day."),
        Explanation(
            "plan.certificate-expired", "The client certificate has expired",
            "By client.certificateExpires the provider refuses it.",
            fix: "Replace it; if that was done, correct the date."),
        Explanation(
            "plan.needs-person", "A person must consent, or may have to",
            "Only people can grant some authorizations. apply does everything else and does not wait; a refresh with wider scopes needs a person only if the provider refuses it.",
            fix:
                "Run the command that the note names, where that person can act; mailkeel apply --pending then goes on."
        ),
        Explanation(
            "plan.renewal-failed", "The last renewal of a grant failed",
            "For a reason that may pass, or that is mended at the client or the provider: consenting again would not help. No error deletes a refresh token.",
            fix: "mailkeel explain with the code says more; mailkeel refresh tries again."),
        Explanation(
            "plan.grant-ends", "A grant ends if nothing renews it",
            "Its refresh token has a time that starts anew with each use, or ends on a fixed day. From 95 % on the plan obtains it again.",
            fix: "Run mailkeel refresh regularly; see docs/refresh.md."),
        Explanation(
            "plan.shared-grant", "An account that was not selected shares a grant that is renewed",
            "The grant goes on under other terms for everybody who uses it, and this account has changes of its own, so it is not proven in this part.",
            fix: "Select it as well, or plan without --selector."),
        Explanation(
            "plan.no-deactivation", "deactivate means no more than forget",
            "The keeper has no record that could stay behind, out of service.",
            fix: "Nothing, or write lifecycle.onDestroy: forget."),
        Explanation(
            "plan.vault-not-observed", "The vault was not seen",
            "It is missing or cannot be read, so it is not known whether grants are there. That is no difference: nothing is created because of it, and nothing works without it.",
            fix: "Put the vault back, or restore it from a backup; --replace obtains lost authorizations again."),
        Explanation(
            "plan.other-vault", "The vault belongs to another state",
            "The state remembers the id of its vault, and this is another one.",
            fix: "Put the right vault or the right state back."),
        Explanation(
            "plan.stale", "The plan is out of date",
            "Between the plan and its execution something that it rests on became something else: what is committed, a grant, or what the manifests want. Nothing was done to what the finding names.",
            fix: "Run mailkeel plan again and review it."),
        Explanation(
            "plan.selected", "The plan is a part",
            "--selector chose some accounts. The plan has them, and the profiles and authorizations that they need; whatever else differs is left as it is.",
            fix: "Plan without --selector to see everything."),
        Explanation(
            "plan.nothing-selected", "The selector selects no account",
            "No account, wanted or committed, has labels that match --selector, so nothing was planned.",
            fix: "Correct the selector; the note names the labels that there are."),
        Explanation(
            "plan.no-file", "There is no saved plan of that name", "apply FILE applies what plan --out FILE has saved.",
            fix: "Correct the name, or make it with mailkeel plan --out."),
        Explanation(
            "plan.unreadable", "A saved plan cannot be read",
            "It was changed, cut off, or made by another version, so nobody can say that it is what was reviewed.",
            fix: "Make it again with mailkeel plan --out, and review it again."),
        Explanation(
            "plan.not-overwritten", "The file is no saved plan", "plan --out overwrites only what it made itself.",
            fix: "Name another file, or remove this one."),
        Explanation(
            "plan.other-intent", "This is not the plan that was approved",
            "--plan-hash names the intent of a plan that was reviewed, and what would be done now is something else: manifests or the state have changed.",
            fix: "Run mailkeel plan, review it, and use its hash."),
        Explanation(
            "plan.other-environment", "The plan was made for another environment",
            "What was reviewed for one environment is approved for no other, even if it would do the same.",
            fix: "Apply it with the --env that it was made for, or plan and review here."),
        Explanation(
            "plan.other-state", "The plan was made on another state", "Its lineage is not that of the state here.",
            fix: "Apply it in the project that it was made in, or plan here and review that."),
    ]
}
