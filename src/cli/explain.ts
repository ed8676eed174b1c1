import type { Command } from 'commander';
import { explainContact } from '../app/explain.ts';
import { jsonOption, onePortal, onePortalOptions, withApp } from './command.ts';
import { explanationText } from './explanation-text.ts';
import { type CommonOptions, type Io, printJson } from './io.ts';

/** `handoff explain`: how each value of one contact came about. */
export function addExplainCommand(program: Command, io: Io): void {
  jsonOption(
    onePortalOptions(
      program
        .command('explain')
        .argument('<contact-id>', "the contact's record id in HubSpot (the last number of its address)")
        .summary('how each value of one contact came about')
        .description(
          'Shows the history rows that were used and those that were ignored and why, the passes found in them,\n' +
            'the arithmetic of the clock line by line, and where each property value comes from. Writes nothing to HubSpot.',
        ),
    ),
  ).action((id: string, options: CommonOptions) =>
    withApp(io, options, async (app, portals) => {
      const explained = await explainContact(app, onePortal(portals), id, io.signal);
      if (options.json === true) printJson(io, explained);
      else io.out(explanationText(explained));
    }),
  );
}
