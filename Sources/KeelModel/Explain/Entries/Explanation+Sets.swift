extension Explanation {
    /// Variables, sets of accounts and the tables behind them.
    static let sets = [
        Explanation(
            "manifest.empty-table", "A table has a header and no rows",
            "The set that takes it has no accounts, and a plan destroys those that it had. An export that failed looks like this.",
            fix: "Check where the table comes from. For a set that is to be empty, write items: [] in place of csv."),
        Explanation(
            "manifest.unknown-variable", "There is no such variable",
            "Variables are declared in the project's file, with a type; a value for one that is not declared is a mistake too.",
            fix: "Correct the name, or declare the variable under spec.variables in mailkeel.yaml.",
            before: "tenant: ${var.tennant}", after: "tenant: ${var.tenant}"),
        Explanation(
            "manifest.unset-variable", "The variable has no value",
            "It is declared without a default, and neither the environment of the project, a variable MAILKEEL_VAR_NAME, a file nor the command line gives it one.",
            fix: "Give it a default or an environment's value in mailkeel.yaml, or use --var NAME=VALUE."),
        Explanation(
            "manifest.bad-reference", "A reference that has no meaning here",
            "${var.NAME} stands for a variable in any value; ${item.NAME} stands for a column in the template of an EmailAccountSet. There are no other ones, and none in names of fields or in tables.",
            fix: "Correct it, or write $${ where the text itself is meant."),
        Explanation(
            "manifest.unknown-column", "The items have no such column",
            "${item.NAME} and key name a column of the table, or a field of the items.",
            fix: "Correct the name, or add the column."),
        Explanation(
            "manifest.empty-key", "An item without a name",
            "The column that key names is empty here, and it is what tells the accounts of the set apart.",
            fix: "Give the item a name of its own."),
        Explanation(
            "manifest.bad-key", "A name that an account cannot have",
            "The name of an item becomes a part of the account's name: at most 63 letters, digits, -, _ and dots.",
            fix: "Change it, or let key name another column."),
        Explanation(
            "manifest.duplicate-key", "Two items have the same name", "Both would be the same account.",
            fix: "Rename or remove one of them."),
        Explanation(
            "manifest.limit", "Small files that ask for too much",
            "A set makes accounts for each row of a table, and a variable may stand in many places. What they make together has an end, so that no project can fill the memory.",
            fix: "Shorten what references stand for, or split the project into several."),
        Explanation(
            "csv.syntax", "The table is no CSV",
            "A cell that holds the delimiter, a quote or a line break stands between double quotes, and a quote within is doubled (RFC 4180 section 2).",
            fix: "Put the whole cell in quotes.", before: "support,Service \"Desk\"",
            after: "support,\"Service \"\"Desk\"\"\""),
        Explanation(
            "csv.encoding", "The table is not UTF-8",
            "Spreadsheets often save in an older encoding, or in UTF-16. Letters beyond ASCII would be other ones to each reader.",
            fix: "Save the file as CSV in UTF-8."),
        Explanation(
            "csv.character", "A character that nobody sees",
            "Control characters and marks that change the direction of writing can make a line look like another one to a reviewer.",
            fix: "Remove the character."),
        Explanation(
            "csv.no-header", "The table has no header", "Columns are known by the names in the first line.",
            fix: "Name the columns in the first line."),
        Explanation(
            "csv.empty-column", "A column without a name", "Nothing could refer to it.", fix: "Name it, or remove it."),
        Explanation(
            "csv.duplicate-column", "Two columns have the same name", "${item.NAME} could mean either.",
            fix: "Rename or remove one of them."),
        Explanation(
            "csv.ragged-row", "A row has more or fewer cells than the header",
            "From the place of the difference on, every value would be in the wrong column.",
            fix: "Put a cell that holds the delimiter in quotes, and write a delimiter for each empty cell too."),
        Explanation(
            "csv.limit", "The table exceeds a limit", "Rows, columns and mistakes that are listed have an end.",
            fix: "Split it into several files."),
    ]
}
