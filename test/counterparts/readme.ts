/** Project `readme`: a cloud and a Slack of its own, so that its schedules are waited for beside those of `ministack`. */
export { default } from './ministack.ts';
