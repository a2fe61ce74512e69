package dev.caravan.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The {@code Dockerfile}, instruction by instruction; only what it uses is understood. */
record Dockerfile(List<Stage> stages) {

  record Instruction(String name, String rest) {}

  /**
   * @param stage where it copies from; the context when absent
   */
  record Copy(Optional<String> stage, String from, String to) {}

  record Stage(List<Instruction> instructions) {

    List<String> all(String name) {
      return instructions.stream()
          .filter(each -> each.name().equals(name))
          .map(Instruction::rest)
          .toList();
    }

    List<Copy> copies() {
      return all("COPY").stream()
          .map(
              rest -> {
                List<String> words = new ArrayList<>(Arrays.asList(rest.split(" +")));
                Optional<String> stage =
                    words.get(0).startsWith("--from=")
                        ? Optional.of(words.remove(0).substring("--from=".length()))
                        : Optional.empty();
                if (words.size() != 2) {
                  throw new IllegalArgumentException("COPY " + rest);
                }
                return new Copy(stage, words.get(0), words.get(1));
              })
          .toList();
    }

    List<String> entrypoint() {
      String text = all("ENTRYPOINT").get(0);
      return Arrays.stream(text.substring(1, text.length() - 1).split(","))
          .map(word -> word.strip().replaceAll("^\"|\"$", ""))
          .toList();
    }
  }

  /** The last stage: what is shipped. */
  Stage image() {
    return stages.get(stages.size() - 1);
  }

  static Dockerfile read() throws IOException {
    String text = Files.readString(Path.of("Dockerfile")).replaceAll("\\\\\n *", " ");
    List<Stage> stages = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        int blank = line.indexOf(' ');
        Instruction instruction =
            new Instruction(line.substring(0, blank), line.substring(blank + 1).strip());
        if (instruction.name().equals("FROM")) {
          stages.add(new Stage(new ArrayList<>()));
        }
        stages.get(stages.size() - 1).instructions().add(instruction);
      }
    }
    return new Dockerfile(stages);
  }
}
