extension Explanation {
    /// What `mailkeel authorize` and the checks of a new grant say.
    static let authorize = [
        Explanation(
            "authorize.which", "Several authorizations wait for somebody",
            "The command was given no address, and more than one consent is wanted.",
            fix: "Name the authorization or one of its accounts, or say --all."),
        Explanation(
            "authorize.unknown", "Nothing that could be authorized has this address",
            "The manifests declare no such account, and no account needs such an authorization.",
            fix: "Correct the address; mailkeel plan shows what there is."),
        Explanation(
            "authorize.no-oauth", "The account logs in without OAuth",
            "It has a password or needs no login, so nobody can consent to anything.",
            fix: "Run mailkeel apply, which proves the account."),
        Explanation(
            "authorize.no-person", "The authorization needs no person",
            "Its grant is one that programs obtain alone, or its consent is in the vault and waits for its proof.",
            fix: "Run mailkeel apply."),
        Explanation(
            "authorize.in-service", "A grant is in service already",
            "Consenting again would replace a grant that works.",
            fix: "Leave it; to replace it all the same, say --again."),
        Explanation(
            "authorize.nothing-begun", "No consent waits to be finished",
            "None was begun for this authorization, or the time to finish it is over.",
            fix: "Begin one with mailkeel authorize ADDRESS --start."),
        Explanation(
            "authorize.finished-elsewhere", "The consent was finished or begun anew elsewhere",
            "A consent can be finished once, by whichever process is first.",
            fix: "Run mailkeel plan: it says whether a consent is still needed."),
        Explanation(
            "authorize.other-client", "The consent was asked for by another application",
            "The manifest was changed between the link and its answer, so the answer would be another application's.",
            fix: "Begin anew with mailkeel authorize ADDRESS --start."),
        Explanation(
            "authorize.other-scopes", "The consent was asked for with fewer scopes than the manifest names now",
            "The manifest was changed between the link or the code and its answer, so nobody was asked about what it added.",
            fix: "Begin anew with mailkeel authorize ADDRESS --start."),
        Explanation(
            "authorize.interrupted", "The wait for a consent was interrupted",
            "A signal ended it between two questions to the provider. The link or the code stays good until it expires.",
            fix: "Go on with the command that was shown, --resume; or begin anew."),
        Explanation(
            "authorize.nobody-answered", "Nobody consented in time",
            "The link or the code was not used while the command waited. Nothing is lost.",
            fix: "Run the command again; --start gives a link for somebody who is elsewhere, --resume goes on with it."),
        Explanation(
            "authorize.no-answer", "What was given is not the address that the browser ended at",
            "After the consent the browser shows an address that begins with the redirect URI; the whole of it is needed.",
            fix: "Copy the whole address from the browser; the link stays good until it expires."),
        Explanation(
            "authorize.no-token", "There is no refresh token on standard input",
            "--adopt takes the refresh token of another program from standard input, and nothing else.",
            fix: "Give the token alone, as the other program has it."),
        Explanation(
            "authorize.unusable", "The profile cannot be authorized as it is",
            "A value of the profile cannot be used for a consent.",
            fix: "Mend the field that the message names."),
        Explanation(
            "authorize.unwritten", "What came of a consent could not be written out",
            "Standard output is full or closed. The consent itself is kept in the vault.",
            fix: "Free some space or mend the pipe; mailkeel plan says what is next."),
        Explanation(
            "identity.mismatch", "Somebody else consented than the account names",
            "The provider says who consented, and it is not the one under whom the mailbox is to be opened. Nothing was put into service; what was granted is kept sealed, out of use.",
            fix:
                "Let the right person consent; if it was meant so, write the line that the message shows with each of the accounts."
        ),
        Explanation(
            "identity.changed", "Another person consented than the one accepted so far",
            "The first identity that was accepted is pinned by the provider's own id, because names can go to other people.",
            fix: "Let the same person consent; if the change is meant, say so with --accept-identity."),
        Explanation(
            "identity.not-asked", "It cannot be found out just now who consented",
            "Somebody was accepted for this before, and the provider's userinfo or introspection, which would tell whether it is the same person, cannot be asked. The consent is kept, and not put into service.",
            fix: "Nobody has to act: the next apply asks again."),
        Explanation(
            "identity.unknown", "The provider does not say who consented",
            "Somebody was accepted for this before, and nobody in particular must not take that person's place.",
            fix:
                "Let the provider say it: the scope openid, endpoints.userinfo or endpoints.introspection. If nobody need know, say so with --accept-identity."
        ),
        Explanation(
            "identity.foreign-token", "The identity that came is for another application or request",
            "An ID token names who issued it, for whom, and for which request. One of these is wrong, so it proves nothing.",
            fix: "Check issuer, endpoints and client.id; if they are right, tell the provider's administrator."),
        Explanation(
            "oauth.clock_skew", "The provider's clock and this machine's differ",
            "By more than a minute, by the Date that the provider sends. Assertions and ID tokens hold times, and tokens are renewed by this machine's clock.",
            fix: "Let this machine's clock be set by NTP; date -u shows what it says."),
    ]
}
