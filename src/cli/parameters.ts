import { Command, Option } from 'commander';
import { parametersAsMarkdown, parametersAsYaml } from '../config/render.js';

/** `rdk-yolo-seg parameters`: the one schema as documentation or as a parameter file to start from. */
export function parametersCommand(): Command {
  return new Command('parameters')
    .addOption(
      new Option('--format <format>', 'output form').choices(['markdown', 'yaml']).default('markdown'),
    )
    .action((options: { format: 'markdown' | 'yaml' }) => {
      process.stdout.write(options.format === 'yaml' ? parametersAsYaml() : parametersAsMarkdown());
    });
}
