extension Explanation {
    /// What is wrong with the state, or with what a command wants of it.
    static let state = [
        Explanation(
            "state.none", "There is no state yet", "Nothing was applied in this project, or the project is elsewhere.",
            fix: "Run mailkeel apply, or name the project's directory with --chdir."),
        Explanation(
            "state.unknown-address", "The state has nothing at this address",
            "Only what was applied is in the state.", fix: "Correct it; mailkeel state list shows what there is."),
        Explanation(
            "state.locked", "Another run holds the lock",
            "Only one run changes a state at a time. The message says who holds it, since when, and on which machine.",
            fix: "Wait, or say --lock-timeout. The lock goes with its process: end that, if it hangs."),
        Explanation(
            "state.not-the-holder", "The lock has another id",
            "It was taken by another run than the one that was named.",
            fix: "Look who holds it now, and name that id only if that run is gone."),
        Explanation(
            "state.corrupt", "The state is damaged",
            "It was cut short or edited, and is not used before somebody has looked at it.",
            fix: "Run mailkeel state history, and push the newest state that is whole."),
        Explanation(
            "state.newer-format", "A newer version wrote the state",
            "This version does not know all that is in it, and would lose what it does not know.",
            fix: "Use the newer version."),
        Explanation(
            "state.too-large", "The state is larger than what is read",
            "A limit keeps a damaged or forged file from using up the memory.", fix: "Split the project."),
        Explanation(
            "state.foreign-journal", "The journal beside the state belongs to another state",
            "A run writes each step into a journal first. This one does not fit.",
            fix: "Put the state that it belongs to back, or move the journal away after looking at it."),
        Explanation(
            "state.unfinished-run", "A run was interrupted",
            "What it had finished is in its journal, and is still to be folded in.",
            fix: "Run mailkeel apply, which does it."),
        Explanation(
            "state.other-lineage", "What was pushed began as another state",
            "Each state has an id from its beginning. Two with different ones have nothing in common.",
            fix: "Check the file; --force takes it all the same."),
        Explanation(
            "state.older-serial", "What was pushed is older than the state",
            "What was applied since would be forgotten.", fix: "Check the file; --force takes it all the same."),
        Explanation(
            "state.file", "The state's file cannot be read or written", "The system refused.",
            fix: "Check the path, its permissions and the free space."),
        Explanation(
            "state.no-file", "There is no such file", "Nothing stands where the command line points.",
            fix: "Run mailkeel state history: it lists the states that are kept, with their files."),
        Explanation(
            "state.other-project", "The file is of another project",
            "Pushed here it would make a second state of that project.",
            fix: "Name that project with --chdir, or push a copy that stands elsewhere."),
        Explanation(
            "state.still-needed", "Others depend on it",
            "What others depend on cannot be removed from the state alone.", fix: "Name them too, or change them first."
        ),
        Explanation(
            "state.slot-follows", "An authorization has no name of its own", "It is named after its profile.",
            fix: "Rename the profile; its authorizations go along."),
        Explanation(
            "state.other-kind", "A move cannot change the kind", "It is a rename and nothing else.",
            fix: "Name an address of the same kind."),
        Explanation(
            "state.no-name", "No manifest could declare that name",
            "Names have rules, so that addresses stay readable.",
            fix: "Use at most 63 letters, digits, \"-\", \"_\" and \".\"."),
        Explanation(
            "state.same-address", "It has that name already", "There is nothing to move.", fix: "Name another address."),
        Explanation(
            "state.address-taken", "The state has something there already", "A move never overwrites.",
            fix: "Choose another name, or remove what is wrong with mailkeel state rm."),
        Explanation(
            "test.unknown-profile", "The manifests have no such profile",
            "A profile is tested as the manifests declare it.",
            fix: "Correct the address; mailkeel plan shows the profiles."),
        Explanation(
            "test.not-arrived", "The message was sent, and did not arrive in time",
            "The server took it. It may be queued, sorted into another folder, or held back.",
            fix: "Look into the mailbox and the sending server's queue; a longer wait can be given."),
        Explanation(
            "test.not-searchable", "The mailbox cannot be searched for the message",
            "The message was sent, but the server does not let it be looked for without changing the mailbox.",
            fix: "Look into the mailbox."),
    ]
}
