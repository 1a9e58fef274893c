/** Project `vendors`: OpenAI's published interface behind Prism. Anthropic's fake is started by its tests. */
export { default } from './prism.ts';
