package dev.caravan.cli;

import dev.caravan.config.read.text.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** Says in one line what is wrong with a command line, and where to read more. */
final class Usage {

  /** Where picocli found an argument says nothing to who wrote it. */
  private static final Pattern PLACE =
      Pattern.compile("Unmatched arguments?( (at|from) index \\d+)?: ");

  private Usage() {}

  /** Runs the command that a line came to; help does not make up for what is not known. */
  static int run(CommandLine.ParseResult parsed) {
    for (CommandLine.ParseResult each = parsed; each != null; each = each.subcommand()) {
      if (!each.unmatched().isEmpty()) {
        throw new CommandLine.UnmatchedArgumentException(
            each.commandSpec().commandLine(), each.unmatched());
      }
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Prints the line on standard error and returns the exit code, 2. */
  static int wrong(CommandLine.ParameterException e, String... args) {
    CommandLine line = e.getCommandLine();
    String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String what = PLACE.matcher(first).replaceFirst("Unknown command or argument: ");
    List<String> hints = new ArrayList<>();
    String meant = e instanceof CommandLine.UnmatchedArgumentException u ? meant(u) : "";
    if (!meant.isEmpty()) {
      hints.add("did you mean " + meant + "?");
    }
    String help = line.getCommandSpec().qualifiedName() + " --help";
    hints.add(help + " says what there is");
    line.getErr().println(Commands.shown(what) + " (" + String.join("; ", hints) + ")");
    return 2;
  }

  /** Has the options of this type take its constants as words, in small letters or capitals. */
  static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    List<E> known = List.of(type.getEnumConstants());
    line.registerConverter(
        type,
        word ->
            known.stream()
                .filter(each -> each.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> unknown(word, known)));
  }

  private static CommandLine.TypeConversionException unknown(
      String word, List<? extends Enum<?>> known) {
    String words = known.stream().map(Enum::name).collect(Collectors.joining(", "));
    return new CommandLine.TypeConversionException(
        "'%s' is none of %s".formatted(word, words.toLowerCase(Locale.ROOT)));
  }

  private static String meant(CommandLine.UnmatchedArgumentException e) {
    return e.getUnmatched().stream()
        .findFirst()
        .flatMap(word -> Spelling.nearest(word, CaravanCommand.COMMANDS.keySet()))
        .orElse("");
  }
}
